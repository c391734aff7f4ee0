"""The vault: what goes in comes out, with the newest key or an older one, and with no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.vault import SealUnbroken, Vault, make_key, open_vault

SECRET = "geheim – ключ"


def vault(*keys: str) -> Vault:
    return Vault([key.encode() for key in keys])


def test_a_secret_comes_out_as_it_went_in_and_does_not_lie_there_in_the_open():
    kept = vault(make_key())
    sealed = kept.seal(SECRET)
    assert kept.unseal(sealed) == SECRET
    assert SECRET.encode() not in sealed
    assert kept.seal(SECRET) != sealed


def test_an_older_key_still_opens_and_sealing_anew_does_without_it():
    old, new = make_key(), make_key()
    sealed = vault(old).seal(SECRET)
    resealed = vault(new, old).reseal(sealed)
    assert vault(new, old).unseal(sealed) == SECRET
    assert vault(new).unseal(resealed) == SECRET
    with pytest.raises(SealUnbroken):
        vault(new).unseal(sealed)


@pytest.mark.parametrize("sealed", [b"", b"not sealed at all", b"gAAAAA" + b"A" * 90])
def test_what_no_key_opens_is_said_in_words(sealed):
    with pytest.raises(SealUnbroken, match="Enter it again"):
        vault(make_key()).unseal(sealed)


def test_a_changed_byte_is_noticed():
    kept = vault(make_key())
    sealed = bytearray(kept.seal(SECRET))
    sealed[30] = sealed[30] ^ 1
    with pytest.raises(SealUnbroken):
        kept.unseal(bytes(sealed))


def test_without_keys_of_its_own_an_installation_derives_one_from_its_secret(settings):
    sealed = open_vault(settings).seal(SECRET)
    assert open_vault(settings).unseal(sealed) == SECRET
    other = replace(settings, secret_key="another key, another key, another key")
    with pytest.raises(SealUnbroken):
        open_vault(other).unseal(sealed)


def test_the_first_key_that_is_set_does_not_lock_out_what_was_sealed_before(settings):
    sealed = open_vault(settings).seal(SECRET)
    with_key = replace(settings, encryption_keys=(make_key(),))
    assert open_vault(with_key).unseal(sealed) == SECRET
    resealed = open_vault(with_key).reseal(sealed)
    with pytest.raises(SealUnbroken):
        open_vault(settings).unseal(resealed)
