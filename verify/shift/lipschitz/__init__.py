"""How steep a network is: Lipschitz constants with the pair that attains them."""
