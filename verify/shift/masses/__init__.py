"""Total variation, subpopulations and mixtures: closed forms and linear certificates."""
