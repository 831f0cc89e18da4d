"""Certificates, and what clients do with them and with passwords."""

import base64
import ssl
import subprocess

from harness import folder


def certificate(name, names="", purpose="", by=None):
    """name.crt and name.key in folder(), signed by the authority `by`; without one, an authority itself."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder(), check=True, capture_output=True)

    made = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key"]
    if by is None:
        openssl(*made, "-x509", "-days", "2", "-out", f"{name}.crt")
        return
    openssl(*made, "-out", f"{name}.csr")
    (folder() / f"{name}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage={purpose}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.crt", "-CAkey", f"{by}.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")


def tls_context(authority, client=None):
    """Trusts this authority alone; with the certificate of a client, if one is named."""
    made = ssl.create_default_context(cafile=str(folder() / f"{authority}.crt"))
    if client:
        made.load_cert_chain(folder() / f"{client}.crt", folder() / f"{client}.key")
    return made


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
