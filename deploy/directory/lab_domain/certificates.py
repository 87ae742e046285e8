"""The lab's own certificate authority and the domain controller's certificate."""

import os

from .layout import ADDRESSES, HOST, HOST_NAME
from .progress import run

_EXTENSIONS = """[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
[request]
distinguished_name = empty
[empty]
"""


def make(folder):
    """Writes ca.pem, cert.pem and key.pem into the folder; the authority's key is thrown away."""
    folder.mkdir(parents=True, mode=0o700)
    names = [f"DNS:{name}" for name in (HOST_NAME, HOST, "localhost")]
    names += [f"IP:{address}" for address in ADDRESSES]
    configuration = folder / "openssl.cnf"
    configuration.write_text(_EXTENSIONS.format(names=",".join(names)))
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    old_mask = os.umask(0o077)
    try:
        run(["openssl", "req", "-x509", "-config", configuration, "-extensions", "authority",
             *new_key, "-days", "3650", "-subj", "/CN=Lab certificate authority",
             "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem"])
        run(["openssl", "req", "-new", "-config", configuration, "-section", "request", *new_key,
             "-subj", f"/CN={HOST_NAME}", "-keyout", folder / "key.pem",
             "-out", folder / "request"])
        run(["openssl", "x509", "-req", "-in", folder / "request", "-CA", folder / "ca.pem",
             "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-days", "825",
             "-extfile", configuration, "-extensions", "server", "-out", folder / "cert.pem"])
    finally:
        os.umask(old_mask)
    for name in ("ca-key.pem", "ca.srl", "request", "openssl.cnf"):
        (folder / name).unlink(missing_ok=True)
