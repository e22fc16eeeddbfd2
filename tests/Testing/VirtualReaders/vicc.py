#!/usr/bin/python3
"""Starts vsmartcard's card emulator (Debian's vsmartcard-vpicc 3.3) with its own arguments.

As packaged for Debian 12 it does not start: its modules lie outside Python's path, it looks for PyCrypto under a name that
Debian's build does not use, and its passport still speaks Python 2. This puts that right, from outside.
"""

import builtins
import runpy
import sys
import types

import Cryptodome

sys.path.insert(0, "/usr/lib/python3/site-packages/virtualsmartcard")
sys.modules["Crypto"] = Cryptodome

import virtualsmartcard.SmartcardFilesystem as filesystem  # noqa: E402
import virtualsmartcard.TLVutils as tlv  # noqa: E402


def pack(nodes, recalculate_length=False):
    """BER-TLV of (tag, length, value) triples; a value is bytes or such a list again. Short lengths are all a passport needs."""
    packed = b""
    for tag, _, value in nodes:
        if not isinstance(value, bytes):
            value = pack(value)
        packed += tag.to_bytes((tag.bit_length() + 7) // 8, "big")
        packed += bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
        packed += value
    return packed


def as_bytes(text):
    """File names and paths are bytes, but the passport writes text."""
    return text.encode("latin-1") if isinstance(text, str) else text


def no_picture(path):
    raise IOError(path)


walk, append = filesystem.walk, filesystem.MF.append


def append_named_in_bytes(master_file, folder):
    folder.dfname = as_bytes(folder.dfname)
    append(master_file, folder)


filesystem.walk = lambda start, path, *rest: walk(start, as_bytes(path), *rest)
filesystem.MF.append = append_named_in_bytes
tlv.pack = pack
sys.modules["PIL"] = types.SimpleNamespace(Image=types.SimpleNamespace(open=no_picture))

# What the passport asks for: the specimen of ICAO Doc 9303, part 4, appendix B; and a picture that it does not have.
answers = iter([
    b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "",
])
builtins.raw_input = lambda prompt: next(answers)

runpy.run_path("/usr/bin/vicc", run_name="__main__")
