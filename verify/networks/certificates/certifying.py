"""A verdict about a query as a certificate that the kernel has accepted.

The search for the certificate is its own, from the query alone: what another search found
is never trusted, and a certificate that the kernel rejects is an alarm. Large networks
have none in reasonable time; then a sentence says so, and the verdict keeps its trust.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verify.kernel.certificate import MAX_BYTES
from verify.kernel.check import check
from verify.kernel.rejections import Declined, Rejected
from verify.networks.certificates import certify
from verify.networks.certificates.outcomes import Stuck
from verify.networks.certificates.problems import TOO_LONG, TooLarge, is_too_long
from verify.networks.float32.aftermath import weights
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.network import Activation, Network
from verify.networks.query import Empty, Query, Witness

USUAL_UNITS: Final = 100  # certified without being asked
USUAL_WEIGHTS: Final = 20_000


class Evidence(NamedTuple):
    """A certificate's text, as the kernel accepted it, and the hash of its problem.

    It says that no case of a query has a point or, with a `witness`, that one has.
    """

    text: str
    sha: str
    cells: int
    witness: Witness | None

    @property
    def finding(self) -> Witness | Empty:
        """What it says, as a search would."""
        return self.witness or Empty("certified", self.cells)


class NoCertificate(NamedTuple):
    """Why there is none, in a sentence."""

    detail: str


def is_usual(network: Network) -> bool:
    """Whether the network is so small that a certificate is made without being asked."""
    units = sum(layer.size for layer in network.layers if isinstance(layer, Activation))
    return units <= USUAL_UNITS and weights(network) <= USUAL_WEIGHTS


def find_evidence(query: Query, deadline: float) -> Evidence | NoCertificate:
    """A certificate of the query's answer, whichever that is, by `deadline`.

    That is a time.monotonic() value. Raises SoundnessAlarm when the kernel rejects what
    was made.
    """
    try:
        return _checked(certify.certify_query(query, deadline))
    except TooLarge as error:
        return _too_large(error)


def find_evidence_of(query: Query, found: Witness) -> Evidence | NoCertificate:
    """A certificate that this point is in its case; raises SoundnessAlarm as above."""
    try:
        return _checked(certify.certify_witness(query, found.case, found.point))
    except TooLarge as error:
        return _too_large(error)


def _too_large(error: TooLarge) -> NoCertificate:
    return NoCertificate(f"the network is too large for a certificate: {error}")


def _checked(made: certify.Certificate | Stuck) -> Evidence | NoCertificate:
    if isinstance(made, Stuck):
        return NoCertificate(made.detail)
    if is_too_long(made.problem):
        return NoCertificate(TOO_LONG)
    if len(made.text) > MAX_BYTES:
        return NoCertificate(f"the certificate is longer than {MAX_BYTES:,} characters")
    try:
        accepted = check(made.problem, made.text)
    except Declined as declined:
        return NoCertificate(f"the kernel declined the certificate: {declined}")
    except Rejected as rejected:
        raise SoundnessAlarm(
            f"the kernel rejected a certificate made for this query ({rejected}); "
            "please report it"
        ) from None
    return Evidence(made.text, accepted.sha, made.cells, made.witness)
