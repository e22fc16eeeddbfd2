"""A GlobalPlatform client that shares no code with the card: Python, pyscard over PC/SC, the cryptography package.

It opens an SCP03 session (GP Amendment D) and an SCP11a session (GP Amendment F) with a served card and talks under secure
messaging. Every step prints one line; the first that fails ends the program with status 1.

    scp_client.py scp03  --reader NAME --keys ENC:MAC:DEK
    scp_client.py scp11a --reader NAME --certificate PEM --key PEM --card-key PEM
"""

import argparse
import os
import sys

from cryptography.hazmat.primitives import cmac, hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from smartcard.System import readers

AID = bytes.fromhex("F053554253494459")


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)
    print("ok:", what, flush=True)


def aes_cmac(key, message):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def aes_block(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def aes_cbc(key, iv, data, decrypt=False):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    operation = cipher.decryptor() if decrypt else cipher.encryptor()
    return operation.update(data) + operation.finalize()


def pad(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 16)


def unpad(data):
    stripped = data.rstrip(b"\x00")
    check(stripped[-1:] == b"\x80", "response padding is ISO 9797-1 method 2")
    return stripped[:-1]


class Reader:
    def __init__(self, name):
        found = [r for r in readers() if name in str(r)]
        if not found:
            raise Failure(f"no reader has '{name}' in its name; there are: {[str(r) for r in readers()]}")
        self.connection = found[0].createConnection()
        self.connection.connect()

    def transmit(self, apdu):
        data, sw1, sw2 = self.connection.transmit(list(apdu))
        response = bytes(data)
        while sw1 == 0x61:
            data, sw1, sw2 = self.connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
            response += bytes(data)
        return response, (sw1 << 8) | sw2

    def command(self, cla, ins, p1, p2, data=b"", le=True):
        """Sends short APDUs, chained where the data is long (ISO 7816-4, 5.3.3)."""
        while len(data) > 255:
            _, status = self.transmit(bytes([cla | 0x10, ins, p1, p2, 255]) + data[:255])
            if status != 0x9000:
                return b"", status
            data = data[255:]
        apdu = bytes([cla, ins, p1, p2]) + (bytes([len(data)]) + data if data else b"")
        return self.transmit(apdu + (b"\x00" if le else b""))

    def select(self):
        _, status = self.command(0x00, 0xA4, 0x04, 0x00, AID)
        check(status == 0x9000, "the application is selected")


class SecureMessaging:
    """C-MAC, C-ENC, R-MAC and R-ENC with AES-128 (GP Amendment D, 6.2)."""

    def __init__(self, reader, enc, mac, rmac, chain):
        self.reader, self.enc, self.mac, self.rmac, self.chain, self.counter = reader, enc, mac, rmac, chain, 0

    def command(self, ins, p1, p2, data=b""):
        self.counter += 1
        block = self.counter.to_bytes(16, "big")
        if data:
            data = aes_cbc(self.enc, aes_block(self.enc, block), pad(data))
        header = bytes([0x84, ins, p1, p2, len(data) + 8])
        self.chain = aes_cmac(self.mac, self.chain + header + data)
        response, status = self.reader.transmit(header + data + self.chain[:8] + b"\x00")
        if status != 0x9000 and status >> 8 not in (0x62, 0x63):
            check(not response, f"error status {status:04X} comes bare")
            return b"", status
        body, received = response[:-8], response[-8:]
        expected = aes_cmac(self.rmac, self.chain + body + status.to_bytes(2, "big"))[:8]
        check(received == expected, f"response MAC of INS {ins:02X} is right")
        if body:
            body = unpad(aes_cbc(self.enc, aes_block(self.enc, b"\x80" + block[1:]), body, decrypt=True))
        return body, status


def scp03_derive(key, constant, bits, context):
    block = bytes(11) + bytes([constant, 0x00]) + bits.to_bytes(2, "big") + b"\x01" + context
    return aes_cmac(key, block)[: bits // 8]


def scp03(reader, keys):
    static_enc, static_mac, _ = (bytes.fromhex(k) for k in keys.split(":"))
    reader.select()
    host_challenge = os.urandom(8)
    response, status = reader.command(0x80, 0x50, 0x00, 0x00, host_challenge)
    check(status == 0x9000 and len(response) in (29, 32), "INITIALIZE UPDATE is answered")
    check(response[11] == 0x03, "the card speaks SCP03")
    context = host_challenge + response[13:21]
    enc = scp03_derive(static_enc, 0x04, 128, context)
    mac = scp03_derive(static_mac, 0x06, 128, context)
    rmac = scp03_derive(static_mac, 0x07, 128, context)
    check(response[21:29] == scp03_derive(mac, 0x00, 64, context), "the card cryptogram is right")

    host_cryptogram = scp03_derive(mac, 0x01, 64, context)
    header = bytes([0x84, 0x82, 0x33, 0x00, 0x10])
    chain = aes_cmac(mac, bytes(16) + header + host_cryptogram)
    _, status = reader.transmit(header + host_cryptogram + chain[:8])
    check(status == 0x9000, "EXTERNAL AUTHENTICATE at level 33 is accepted")
    return SecureMessaging(reader, enc, mac, rmac, chain)


def point(public_key):
    return public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def scp11a(reader, certificate_path, key_path, card_key_path):
    with open(key_path, "rb") as file:
        static_key = serialization.load_pem_private_key(file.read(), None)
    with open(card_key_path, "rb") as file:
        card_key = serialization.load_pem_public_key(file.read())
    with open(certificate_path, "rb") as file:
        from cryptography import x509

        certificate = x509.load_pem_x509_certificate(file.read()).public_bytes(serialization.Encoding.DER)

    reader.select()
    _, status = reader.command(0x80, 0x2A, 0x01, 0x10, certificate, le=False)
    check(status == 0x9000, f"PERFORM SECURITY OPERATION takes an X.509 certificate of {len(certificate)} bytes")

    ephemeral = ec.generate_private_key(ec.SECP256R1())
    request = bytes.fromhex("A60D9002110195013C800188810110") + b"\x5f\x49\x41" + point(ephemeral.public_key())
    response, status = reader.command(0x80, 0x82, 0x01, 0x11, request)
    check(status == 0x9000, "MUTUAL AUTHENTICATE is answered")
    check(response[:3] == b"\x5f\x49\x41" and response[68:70] == b"\x86\x10", "the answer is 5F49 and 86")
    card_ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), response[3:68])
    z = ephemeral.exchange(ec.ECDH(), card_ephemeral) + static_key.exchange(ec.ECDH(), card_key)
    keys = X963KDF(hashes.SHA256(), 80, b"\x3c\x88\x10").derive(z)
    receipt_key, enc, mac, rmac = (keys[i : i + 16] for i in range(0, 64, 16))
    check(response[70:86] == aes_cmac(receipt_key, request + response[:68]), "the receipt is right")
    return SecureMessaging(reader, enc, mac, rmac, response[70:86])


def talk(session):
    certificate, status = session.command(0xCA, 0x7F, 0x21)
    check(status == 0x9000 and certificate[:2] == b"\x7f\x21", "the card's certificate comes under secure messaging")
    again, _ = session.command(0xCA, 0x7F, 0x21)
    check(again == certificate, "and again, with the counters moved on")
    tampered = SecureMessaging(session.reader, session.enc, bytes(16), session.rmac, session.chain)
    tampered.counter = session.counter
    _, status = tampered.command(0xCA, 0x7F, 0x21)
    check(status in (0x6988, 0x6982), f"a wrong MAC is refused with {status:04X}")
    _, status = session.command(0xCA, 0x7F, 0x21)
    check(status != 0x9000, f"and has ended the session ({status:04X})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="protocol", required=True)
    with_keys = commands.add_parser("scp03")
    with_keys.add_argument("--keys", required=True)
    with_certificate = commands.add_parser("scp11a")
    for name in ("certificate", "key", "card-key"):
        with_certificate.add_argument("--" + name, required=True)
    for command in (with_keys, with_certificate):
        command.add_argument("--reader", required=True)
    options = parser.parse_args()
    try:
        reader = Reader(options.reader)
        if options.protocol == "scp03":
            talk(scp03(reader, options.keys))
        else:
            talk(scp11a(reader, options.certificate, options.key, options.card_key))
    except Failure as failure:
        print("FAILED:", failure, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
