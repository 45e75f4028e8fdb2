"""Polynomial claims that are true, and close neighbours of them that are false.

Those of the argument documents and of the catalogue, instantiated at a round, and the
classical inequalities that every search of this kind is shown.
"""

from __future__ import annotations

from tests.solvers.polynomial_claims import Claim

MOTZKIN = "x^4*y^2 + x^2*y^4 + 1 - 3*x^2*y^2"
BEFORE = "2*eta*R <= D^2 - (x - u)^2 + eta^2*G^2*t"
DELAYED = "2*eta*R <= W^2 - (y - u)^2 + (2*k + 1)*eta^2*G^2*t"
TUNED = ("eta > 0", "s >= 0", "s*s = T", "eta*G*s = D", "D > 0", "G > 0")
REGRET = "2*eta*R <= D^2 - (x - u)^2 + eta^2*G^2*T"
SHARES = ("v >= 0", "w >= 0", "z >= 0", "v + w + z = 1")
ROOTS = ("r >= 0", "r*r = (2*k + 1)*T", "s >= 0", "s*s = T", "k >= 0")
RISKS = ("pm > 0", "ps > 0", "rm > 0", "rs > 0", "q*rs = rm", "h*pm = ps")
DECEIVES = "c + w*k*v > d + w*h*v"
HONEST = "c + w*k*v <= d + w*h*v"
CHANCE = ("0 <= p", "p <= 1")
LOSSES = ("0 <= c", "c <= 1", "0 <= r", "r <= 1", "99*c + r <= 1")

CLASSICAL: dict[str, Claim] = {
    "means of two": ((), "2*a*b <= a^2 + b^2"),
    "means of three": (
        ("x >= 0", "y >= 0", "z >= 0"),
        "3*x*y*z <= x^3 + y^3 + z^3",
    ),
    "means of four": ((), "4*x*y*z*w <= x^4 + y^4 + z^4 + w^4"),
    "square of a sum": ((), "(a + b)^2 <= 2*a^2 + 2*b^2"),
    "Young": (("c > 0", "q*c = 1"), "2*a*b <= c*a^2 + q*b^2"),
    "Cauchy-Schwarz 2": ((), "(a*c + b*d)^2 <= (a^2 + b^2)*(c^2 + d^2)"),
    "Cauchy-Schwarz 3": (
        (),
        "(a*d + b*e + c*f)^2 <= (a^2 + b^2 + c^2)*(d^2 + e^2 + f^2)",
    ),
    "quartic": ((), "x^4 - x^3 + x^2 - x + 1 > 0"),
    "corner": (("x >= 1", "y >= 1"), "x*y >= x + y - 1"),
    "unit interval": (("x >= 0", "x <= 1"), "x^2 <= x"),
    "Motzkin multiplied": ((), f"(x^2 + y^2)*({MOTZKIN}) >= 0"),
    "Motzkin": ((), f"{MOTZKIN} >= 0"),
    "Schur": (
        ("x >= y", "y >= z", "z >= 0"),
        "x*(x - y)*(x - z) + y*(y - x)*(y - z) + z*(z - x)*(z - y) >= 0",
    ),
    "Nesbitt": (
        ("a > 0", "b > 0", "c > 0"),
        "2*(a*(a + b)*(a + c) + b*(b + a)*(b + c) + c*(c + a)*(c + b))"
        " >= 3*(a + b)*(b + c)*(c + a)",
    ),
    "Titu": (
        ("y > 0", "w > 0", "p*y = x*x", "q*w = z*z", "r*(y + w) = (x + z)^2"),
        "p + q >= r",
    ),
    "disc": (("x^2 + y^2 <= 1",), "x + y <= 3/2"),
    "circle": (("x^2 + y^2 = 1",), "3*x + 4*y <= 5"),
    "root of two": (("s*s = 2", "s > 0"), "1000*s > 1414"),
    "fifth power": (("x > y",), "x^5 > y^5"),
    "weighted squares": ((), "7*x*y <= 3*x^2 + 5*y^2"),
    "simplex": (("x >= 0", "y >= 0", "z >= 0", "x + y + z = 1"), "27*x*y*z <= 1"),
    "contradictory premises": (("x > 0", "x <= 0"), "y > 1"),
}

ARGUMENTS: dict[str, Claim] = {
    "projection below": (("lo <= u", "u <= hi", "z < lo"), "(lo - u)^2 <= (z - u)^2"),
    "projection above": (("lo <= u", "u <= hi", "z > hi"), "(hi - u)^2 <= (z - u)^2"),
    "invariant": (
        (
            "(y - u)^2 <= (x - eta*g - u)^2",
            "g^2 <= G^2",
            "S = R + g*(x - u)",
            BEFORE,
        ),
        "2*eta*S <= D^2 - (y - u)^2 + eta^2*G^2*(t + 1)",
    ),
    "bound": ((*TUNED, REGRET), "R <= D*G*s"),
    "tuning attained": (
        ("eta > 0", "eta*G*s = D", "q*eta = D*D"),
        "q + eta*G^2*s^2 <= 2*D*G*s",
    ),
    "tuning never less": (("eta > 0", "q*eta = D*D"), "q + eta*G^2*s^2 >= 2*D*G*s"),
    "delay, no roots": ((), "2*k - 1 <= k^2"),
    "delay, roots": (ROOTS, "r <= (k + 1)*s"),
    "delay, potential": (
        (
            "w <= (y - eta*g - u)^2",
            "g <= G",
            "-G <= g",
            "g*(x - y) <= G*(k*(eta*G))",
            "eta > 0",
            "S = R + g*(x - u)",
            DELAYED,
        ),
        "2*eta*S <= W^2 - w + (2*k + 1)*eta^2*G^2*(t + 1)",
    ),
    "triangle, right": (
        ("l < 0", "0 < u", "l <= x", "x <= u", "x >= 0"),
        "x*(u - l) <= u*(x - l)",
    ),
    "triangle, left": (("l < 0", "0 < u", "l <= x", "x < 0"), "0 <= u*(x - l)"),
    "triangle, tight": (
        ("0 <= l", "l <= x", "x <= u", "l < u", "z*(u - l) <= u*(x - l)"),
        "z <= x",
    ),
    "driver": ((), "4*p*(1 - p) + p^2 <= 4/3"),
    "risk, there": ((*RISKS, "pm*rm > ps*rs"), "q > h"),
    "risk, back": ((*RISKS, "q > h"), "pm*rm > ps*rs"),
    "deception pays": ((DECEIVES,), "w*(k - h)*v > d - c"),
    "deception, blind": (("c < d", "k = h"), HONEST),
    "deception, myopic": (("c < d", "w = 0"), HONEST),
    "deception, careful": (
        ("c < d", "v > 0", "0 <= w", "w*v <= d - c", "0 <= h", "k <= 1"),
        HONEST,
    ),
    "mixture of two": ((*CHANCE, "a <= m", "b <= m"), "p*a + (1 - p)*b <= m"),
    "mixture of three": (
        (*SHARES, "a <= m", "b <= m", "c <= m"),
        "v*a + w*b + z*c <= m",
    ),
    "ten times as frequent": (
        (*LOSSES, "f >= 0", "g >= 0", "f + g = 1", "10*f <= 99", "10*g <= 1"),
        "f*c + g*r <= 1/10",
    ),
    "meaningful": (("s > 0", "c*k*s < s*s"), "s > c*k"),
    "meaningful, back": (("s > 0", "s > c*k"), "c*k*s < s*s"),
    "per round": (("c > 0", "m > 0", "m*n = c", "s >= n"), "c*s <= m*(s*s)"),
    "explored": (
        ("0 < p", "p <= 1", "r*p = 1", "f > 0", "p >= f"),
        "p*r^2*f <= 1",
    ),
    "safeguards": (
        ("b >= 0", "f >= 0", "g >= 0", "n >= 0", "b + f + g + n = 1", "b*n = f*g"),
        "b >= (b + f)*(b + g)",
    ),
    "bounded product": (("-m <= p", "p <= m", "-n <= q", "q <= n"), "p*q <= m*n"),
    "one input": (
        ("lo <= l", "l <= hi", "a >= b"),
        "(a - b)*(l - lo) <= (a - b)*(hi - lo)",
    ),
}

FALSE: dict[str, Claim] = {
    "small square": ((), "x^2 < 1"),
    "positive Motzkin": ((), f"{MOTZKIN} > 0"),
    "lower Motzkin": ((), f"100*({MOTZKIN}) >= 1"),
    "means without signs": ((), "3*x*y*z <= x^3 + y^3 + z^3"),
    "half the bound": ((*TUNED, REGRET), "2*R <= D*G*s"),
    "sign slip": ((), "(x - u)^2 - (x - e*g - u)^2 >= 2*e*g*(x - u) + e^2*g^2"),
    "driver": ((), "4*p*(1 - p) + p^2 <= 13/10"),
    "in total": (("c > 0", "m > 0", "m*n = c", "s >= n"), "c*s <= m"),
    "no delay": (ROOTS, "r <= s"),
    "untested": ((*SHARES, "a <= m", "b <= m"), "v*a + w*b + z*c <= m"),
    "rarer and graver": (
        ("pm > 0", "ps > 0", "rm > 0", "rs > 0", "pm < ps", "rm > rs"),
        "pm*rm > ps*rs",
    ),
    "any frequency": (
        (*LOSSES, "f >= 0", "g >= 0", "f + g = 1"),
        "f*c + g*r <= 1/2",
    ),
    "irrational": (("x > 0",), "x*x > 2"),
    "no premise": ((), "x > y"),
}
