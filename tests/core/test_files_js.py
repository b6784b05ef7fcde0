"""A file's name on a page without https is the same SHA-256 that the server computes."""

import hashlib
import random
import re

import quickjs

from fieldkit.web.delivery import STATIC


def test_the_hash_made_by_hand_is_sha_256_for_every_length_around_a_block():
    context = quickjs.Context()
    source = (STATIC / "files-hash.js").read_text("utf-8")
    context.eval(re.sub(r"^export const nameOf.*", "", source, flags=re.S | re.M).replace("export const", "var"))
    chance = random.Random(4)
    for length in (*range(130), 1000, 65_537):
        content = chance.randbytes(length)
        found = context.eval(f"sha256(new Uint8Array([{','.join(map(str, content))}]))")
        assert found == hashlib.sha256(content).hexdigest(), length
