"""What can go wrong on the way to a provider and back, each with a sentence for a training admin.

    ProviderError
    +-- Unreachable          again   there was no whole answer
    |   +-- NameNotFound     again   the host's name is not known
    |   +-- NotListening     again   nobody answers there
    |   +-- TimedOut         again   it took too long
    |   +-- BrokenOff        again   the connection ended in the middle
    |   +-- BadCertificate           the host does not prove who it is
    +-- NotAllowed                   our own rules forbid the call
    |   +-- ForeignHost              a host that is not the provider's
    |   +-- PrivateAddress           a name that leads into a private network
    |   +-- NotEncrypted             plain http
    +-- TooLarge                     more than we take
    +-- Declined                     the provider says no
    |   +-- WrongClient              client id or secret
    |   +-- WrongCustomer            Customer Integration ID, or whose client it is
    |   +-- BadRequest               the call itself
    |   +-- NotThere                 a file that is listed and not to be had
    +-- Busy                 again   the provider has no time, or a fault of its own
    +-- Nonsense             again   an answer that cannot be read
        +-- GoesRound        again   pages that never end
        +-- NoPicture                a picture that is none

Serves the transport, the client, and whoever shows or stores how it went. "Again" says that trying
again makes sense without anybody mending anything. Knows no wire.
"""

from __future__ import annotations

from typing import ClassVar

from catalog.errors import CatalogError


class ProviderError(CatalogError):
    """Something a provider's server, or the way to it, did not do.

    `kind` is a word for tables and filters. `sentence` has `%(name)s` for what is in `values`, so
    that it can be translated before they are put in; `str()` is the English sentence. `again` says
    whether trying again later makes sense.
    """

    kind: ClassVar[str] = "failed"
    sentence: ClassVar[str] = "OpenSesame could not be asked."
    again: ClassVar[bool] = False

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = values

    def __str__(self) -> str:
        return self.sentence % self.values


class Unreachable(ProviderError):
    """There was no whole answer. Values: `host`, `reason`."""

    kind = "unreachable"
    sentence = "%(host)s cannot be reached: %(reason)s."
    again = True


class NameNotFound(Unreachable):
    """Values: `host`."""

    kind = "name-not-found"
    sentence = "The host name %(host)s is not known. Check the address, and this server's network."


class NotListening(Unreachable):
    """Values: `host`."""

    kind = "not-listening"
    sentence = "Nobody answers at %(host)s. It may be down, or a firewall may be in between."


class TimedOut(Unreachable):
    """Values: `host`."""

    kind = "timed-out"
    sentence = "%(host)s took too long to answer."


class BrokenOff(Unreachable):
    """Values: `host`."""

    kind = "broken-off"
    sentence = "The connection with %(host)s ended in the middle of an answer."


class BadCertificate(Unreachable):
    """Values: `host`, `reason`."""

    kind = "bad-certificate"
    sentence = "%(host)s does not prove who it is, so nothing was sent to it: %(reason)s."
    again = False


class NotAllowed(ProviderError):
    """Our own rules forbid the call. Values: `url`."""

    kind = "not-allowed"
    sentence = "This server does not call %(url)s."


class ForeignHost(NotAllowed):
    """Values: `host`."""

    kind = "foreign-host"
    sentence = "OpenSesame's answer leads to %(host)s, which is not one of its hosts. Not followed."


class PrivateAddress(NotAllowed):
    """Values: `host`, `address`."""

    kind = "private-address"
    sentence = (
        "The name %(host)s leads to %(address)s, an address of a private network. Not followed."
    )


class NotEncrypted(NotAllowed):
    """Values: `host`."""

    kind = "not-encrypted"
    sentence = "%(host)s would have to be asked without encryption (http). Not done."


class TooLarge(ProviderError):
    """Values: `host`, `most`, a number of bytes."""

    kind = "too-large"
    sentence = "An answer of %(host)s has more than %(most)d bytes, which is all that is taken."


class Declined(ProviderError):
    """The provider says no. Values: `status`, `came`."""

    kind = "declined"
    sentence = "OpenSesame declined with %(status)d: %(came)s"


class WrongClient(Declined):
    """Values: `status`, `came`."""

    kind = "wrong-client"
    sentence = (
        "OpenSesame does not accept the Client ID or Client Secret (it answered %(status)d). "
        "Check both."
    )


class WrongCustomer(Declined):
    """Values: `status`, `came`, `ciid`."""

    kind = "wrong-ciid"
    sentence = (
        "OpenSesame does not know the Customer Integration ID “%(ciid)s”, or the client is not "
        "entitled to it (it answered %(status)d). Check the ID, and whether the branding is right."
    )


class BadRequest(Declined):
    """Values: `status`, `came`."""

    kind = "bad-request"
    sentence = "OpenSesame did not understand the question (it answered %(status)d): %(came)s"


class NotThere(Declined):
    """Values: `status`, `url`."""

    kind = "not-there"
    sentence = "OpenSesame lists %(url)s and does not hand it out (it answered %(status)d)."


class Busy(ProviderError):
    """Values: `status`, `tries`, and `retry_after`, the seconds it asked for, where it did."""

    kind = "busy"
    sentence = (
        "OpenSesame is busy or has a fault of its own: it answered %(status)d, at the last of "
        "%(tries)d tries."
    )
    again = True

    @property
    def retry_after(self) -> float | None:
        """The seconds that the provider asked us to wait; None where it did not."""
        asked = self.values.get("retry_after")
        return asked if isinstance(asked, float) else None


class Nonsense(ProviderError):
    """An answer that cannot be read. Values: `came`, `expected`."""

    kind = "nonsense"
    sentence = "OpenSesame answered with %(came)s where %(expected)s was expected."
    again = True


class GoesRound(Nonsense):
    """Values: `came`."""

    kind = "goes-round"
    sentence = "OpenSesame's listing does not come to an end: %(came)s."


class NoPicture(Nonsense):
    """Values: `came`."""

    kind = "no-picture"
    sentence = "A picture is none of PNG, JPEG, GIF or WebP: it begins with %(came)s."
    again = False
