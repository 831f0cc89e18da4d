#include "certificate.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <ctime>
#include <memory>
#include <stdexcept>

namespace halfclosed::auth {

namespace {

void must(int result) {
    if (result < 0) {
        throw std::runtime_error(gnutls_strerror(result));
    }
}

std::string text_of(gnutls_datum_t datum) {
    const std::string text(reinterpret_cast<const char*>(datum.data), datum.size);
    gnutls_free(datum.data);
    return text;
}

}  // namespace

Certificate self_signed(KeyType type, unsigned usage) {
    gnutls_x509_privkey_t key = nullptr;
    must(gnutls_x509_privkey_init(&key));
    const std::unique_ptr<gnutls_x509_privkey_int, void (*)(gnutls_x509_privkey_t)> owned_key(
        key, gnutls_x509_privkey_deinit);
    must(type == KeyType::rsa
             ? gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0)
             : gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    gnutls_x509_crt_t certificate = nullptr;
    must(gnutls_x509_crt_init(&certificate));
    const std::unique_ptr<gnutls_x509_crt_int, void (*)(gnutls_x509_crt_t)> owned_certificate(
        certificate, gnutls_x509_crt_deinit);
    const std::string name = "localhost";
    const unsigned char serial = 1;
    constexpr std::time_t kDay = 24 * 60 * 60;
    must(gnutls_x509_crt_set_version(certificate, 3));
    must(gnutls_x509_crt_set_serial(certificate, &serial, 1));
    must(gnutls_x509_crt_set_key(certificate, key));
    must(gnutls_x509_crt_set_activation_time(certificate, std::time(nullptr) - kDay));
    must(gnutls_x509_crt_set_expiration_time(certificate, std::time(nullptr) + kDay));
    must(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                       static_cast<unsigned>(name.size())));
    must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name.data(),
                                              static_cast<unsigned>(name.size()), GNUTLS_FSAN_SET));
    if (usage != 0) {
        must(gnutls_x509_crt_set_key_usage(certificate, usage));
    }
    must(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
    gnutls_datum_t pem{};
    Certificate made;
    must(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem));
    made.certificate = text_of(pem);
    must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
    made.key = text_of(pem);
    return made;
}

}  // namespace halfclosed::auth
