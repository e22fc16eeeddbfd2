"""The contract as another language sees it: stubs made from protocol/proto, keys and certificates from the cryptography package,
records and acknowledgements from protocol/spec. Nothing here shares code with the product."""

import hashlib
import os
import subprocess
import sys
import tempfile

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import cmac, hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.x509.oid import NameOID


def make_stubs(proto):
    """Runs the protocol buffer compiler over every .proto; its output is importable afterwards and gone with the process."""
    folder = tempfile.TemporaryDirectory(prefix="smartcard-stubs-")
    sources = [os.path.join(path, name) for path, _, names in os.walk(proto) for name in names if name.endswith(".proto")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{proto}", f"--python_out={folder.name}", f"--grpc_python_out={folder.name}", *sorted(sources)],
        check=True,
    )
    sys.path.insert(0, folder.name)
    # The installed package grpc would hide the contract's own package of that name (grpc.health.v1).
    grpc.__path__.append(os.path.join(folder.name, "grpc"))
    return folder


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def point(key):
    public = key.public_key() if hasattr(key, "public_key") else key
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def key_of_point(encoded):
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded)


def request(key, name):
    """PKCS#10 over a key, signed by it."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def pem_of_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def pem_of_certificates(*certificates):
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM) for der in certificates)


def is_signed_by(certificate, issuer):
    child, parent = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
    parent.public_key().verify(child.signature, child.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
    return child.issuer == parent.subject


def aes_cmac(key, message):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def sign(key, message):
    """64 bytes r | s."""
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public_key, message, signature):
    if len(signature) != 64:
        raise ValueError("a signature has 64 bytes")
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    public_key.verify(der, message, ec.ECDSA(hashes.SHA256()))


def bcd(number, length):
    return bytes.fromhex(str(number).zfill(2 * length))


def session_key(cryptogram_key, atc):
    """certificates-and-keys.md, "From the issuer's masters to one transaction": the key of one cryptogram."""
    return aes_cmac(cryptogram_key, b"SUBSIDY" + bytes(4) + bytes([0x30, 0x00, 0x00, 0x80, 0x01]) + atc.to_bytes(2, "big"))


def unwrap(wrapped, backend_point, bureau, card_number):
    """certificates-and-keys.md, "Keys to the bureau"."""
    card = bytes.fromhex(card_number)
    z = bureau.exchange(ec.ECDH(), key_of_point(backend_point))
    secret = X963KDF(hashes.SHA256(), 44, b"SUBSIDY-PERSO-1" + card + point(bureau) + backend_point).derive(z)
    plain = AESGCM(secret[:32]).decrypt(secret[32:], wrapped, card)
    keys = [plain[2 + 16 * index : 18 + 16 * index] for index in range(5)]
    return plain[0], plain[1], dict(zip(("enc", "mac", "dek", "cryptogram", "script"), keys))


def basket_hash(lines):
    """transaction-record.md, "Basket"."""
    body = b"".join(
        programme.to_bytes(2, "big") + commodity.to_bytes(2, "big") + pieces.to_bytes(4, "big") + price.to_bytes(4, "big")
        for programme, commodity, pieces, price in lines
    )
    return hashlib.sha256(bytes([1, len(lines)]) + body).digest()


class Card:
    """A card made of its number, two keys and three counters: enough to sign what a card signs."""

    ONLINE, OFFLINE = 0x80, 0x40

    def __init__(self, number, cryptogram_key, signature_key):
        self.number, self.cryptogram_key, self.signature_key = number, cryptogram_key, signature_key
        self.atc, self.chain, self.spent = 0, bytes(8), 0

    def draw(self, terminal, day, time, lines, kind=ONLINE, transaction=None):
        """Commits to a draw of one programme in pieces that the citizen pays: the record and its evidence."""
        self.atc += 1
        pieces = sum(line[2] for line in lines)
        if kind == self.OFFLINE:
            self.spent += pieces
        record = (
            bytes([1]) + bytes.fromhex(self.number) + self.atc.to_bytes(2, "big") + bytes([kind])
            + bcd(sum(line[2] * line[3] for line in lines), 6) + bcd(818, 2) + bcd(day % 1_000_000, 3) + bcd(time, 3) + bytes(1)
            + terminal.encode("ascii") + os.urandom(16) + basket_hash(lines) + (transaction or os.urandom(16)) + self.chain
            + bytes([1]) + lines[0][0].to_bytes(2, "big") + pieces.to_bytes(4, "big") + bytes([1]) + self.spent.to_bytes(4, "big")
        )
        self.chain = hashlib.sha256(self.chain + record).digest()[:8]
        return self.evidence(record)

    def evidence(self, record):
        atc = int.from_bytes(record[9:11], "big")
        return record, aes_cmac(session_key(self.cryptogram_key, atc), record)[:8], sign(self.signature_key, record)


def acknowledged(kind, record, code):
    """grpc.md, "Acknowledgements": the 36 bytes that are signed."""
    return bytes([1, kind]) + hashlib.sha256(record).digest() + code.to_bytes(2, "big")
