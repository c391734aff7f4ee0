"""The vault: secrets that the server itself must be able to read again, encrypted where they lie.

Serves whoever keeps such a secret (a provider's client secret) and `hacp vault rotate`. Knows keys
and nothing of what is kept or where. What only has to be recognised is hashed, not kept here.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from launcher.config import Settings

# One key signs cookies, another is derived from it for this: what `info` names is what it is for.
_DERIVED_FOR = b"hacp: secrets at rest"
_KEY_BYTES = 32


class SealUnbroken(Exception):
    """A stored secret that no key of ours opens: the keys were changed, or the row was."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be read with the keys that the server has now. Enter it again, "
            "or have the operator add the old key to HACP_ENCRYPTION_KEYS."
        )


class Vault:
    """Seals with the newest key and opens with any; `keys` are Fernet keys, the newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret; what comes out may lie in a database. Undone by `unseal`."""
        return self._fernet.encrypt(secret.encode())

    def unseal(self, sealed: bytes) -> str:
        """Return what was sealed by `seal`; raises `SealUnbroken`."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SealUnbroken from None

    def reseal(self, sealed: bytes) -> bytes:
        """Encrypt anew with the newest key; raises `SealUnbroken`."""
        return self.seal(self.unseal(sealed))


def open_vault(settings: Settings) -> Vault:
    """Return the vault of an installation.

    The key that is derived from HACP_SECRET_KEY stands last: where no other is set it seals, and
    where one is set later, what was sealed before can still be read.
    """
    keys = [key.encode() for key in settings.encryption_keys]
    return Vault([*keys, _derived(settings.secret_key)])


def make_key() -> str:
    """Return a new random key, as HACP_ENCRYPTION_KEYS takes it."""
    return Fernet.generate_key().decode()


def _derived(secret_key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_DERIVED_FOR)
    return base64.urlsafe_b64encode(derivation.derive(secret_key.encode()))
