"""The order drawn on a phone is the order that analysis works out again."""

import json
import random
import re

import quickjs

from fieldkit.core.order import shuffled
from fieldkit.web.delivery import STATIC


def test_phone_and_analysis_draw_the_same_order_for_every_id():
    source = re.search(r"const shuffled = .*?\n};\n", (STATIC / "kinds.js").read_text("utf-8"), re.S)
    context = quickjs.Context()
    context.eval(source[0].replace("const shuffled", "var shuffled"))
    chance = random.Random(11)
    for _ in range(2000):
        seed, name, size = f"{chance.getrandbits(128):032x}", f"q_{chance.randint(0, 99)}", chance.randint(0, 40)
        drawn = json.loads(context.eval(f"JSON.stringify(shuffled({json.dumps(seed)}, {json.dumps(name)}, {size}))"))
        assert drawn == shuffled(seed, name, size)
