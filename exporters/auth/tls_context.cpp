#include "exporters/auth/tls_context.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace halfclosed::auth {

namespace {

void must(int result, const std::string& key) {
    if (result < 0) {
        throw std::invalid_argument("tls_server_config." + key + ": " + gnutls_strerror(result));
    }
}

gnutls_datum_t datum(const std::string& text) {
    // GnuTLS reads from it and no more.
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

/// GnuTLS's defaults without the key exchange that one stolen key opens for all time (RFC 9325, 4.1).
std::string priorities(const TlsSettings& settings) {
    constexpr std::array<const char*, 4> kVersions{"1.0", "1.1", "1.2", "1.3"};
    std::string text = "NORMAL:-RSA:-VERS-ALL";
    for (auto version = static_cast<std::size_t>(settings.newest) + 1;
         version-- > static_cast<std::size_t>(settings.oldest);) {
        text += std::string(":+VERS-TLS") + kVersions.at(version);
    }
    return text + (settings.own_order ? ":%SERVER_PRECEDENCE" : "");
}

/// An alternative name as it is written in client_allowed_sans; empty for kinds that cannot be.
std::string name_text(unsigned kind, const std::string& value) {
    switch (kind) {
        case GNUTLS_SAN_DNSNAME:
        case GNUTLS_SAN_RFC822NAME:
        case GNUTLS_SAN_URI:
            return value;
        case GNUTLS_SAN_IPADDRESS: {
            std::array<char, INET6_ADDRSTRLEN> text{};
            const int family = value.size() == 4 ? AF_INET : AF_INET6;
            const bool whole = value.size() == 4 || value.size() == 16;
            return whole && inet_ntop(family, value.data(), text.data(), text.size()) != nullptr
                       ? text.data()
                       : "";
        }
        default:
            return {};
    }
}

std::vector<std::string> names_of(const gnutls_datum_t& certificate) {
    gnutls_x509_crt_t parsed = nullptr;
    if (gnutls_x509_crt_init(&parsed) != 0) {
        return {};
    }
    const std::unique_ptr<gnutls_x509_crt_int, void (*)(gnutls_x509_crt_t)> owned(
        parsed, gnutls_x509_crt_deinit);
    std::vector<std::string> names;
    if (gnutls_x509_crt_import(parsed, &certificate, GNUTLS_X509_FMT_DER) != 0) {
        return names;
    }
    for (unsigned i = 0;; ++i) {
        std::string value(1024, '\0');
        std::size_t size = value.size();
        unsigned kind = 0;
        const int result =
            gnutls_x509_crt_get_subject_alt_name2(parsed, i, value.data(), &size, &kind, nullptr);
        if (result == GNUTLS_E_SHORT_MEMORY_BUFFER) {
            continue;  // longer than any name that anybody allows
        }
        if (result < 0) {
            return names;
        }
        value.resize(size);
        names.push_back(name_text(kind, value));
    }
}

}  // namespace

void TlsContext::Free::operator()(gnutls_certificate_credentials_st* credentials) const {
    gnutls_certificate_free_credentials(credentials);
}

void TlsContext::Free::operator()(gnutls_priority_st* priority) const {
    gnutls_priority_deinit(priority);
}

TlsContext::TlsContext(const TlsSettings& settings) : settings_(settings) {
    gnutls_certificate_credentials_t credentials = nullptr;
    must(gnutls_certificate_allocate_credentials(&credentials), "cert_file");
    credentials_.reset(credentials);
    const gnutls_datum_t certificate = datum(settings.certificate);
    const gnutls_datum_t key = datum(settings.key);
    must(gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM),
         "cert_file, key_file");
    if (!settings.client_ca.empty()) {
        const gnutls_datum_t authorities = datum(settings.client_ca);
        const int count =
            gnutls_certificate_set_x509_trust_mem(credentials, &authorities, GNUTLS_X509_FMT_PEM);
        must(count == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : count, "client_ca_file");
    }
    gnutls_certificate_set_verify_function(credentials, &TlsContext::judge_client);
    gnutls_priority_t priority = nullptr;
    must(gnutls_priority_init(&priority, priorities(settings).c_str(), nullptr), "min_version");
    priority_.reset(priority);
    gnutls_memset(settings_.key.data(), 0, settings_.key.size());
    settings_.key.clear();
}

bool TlsContext::take(gnutls_session_t session) const {
    gnutls_certificate_request_t asks = GNUTLS_CERT_IGNORE;
    switch (settings_.client) {
        case ClientCertificate::none:
            break;
        case ClientCertificate::requested:
        case ClientCertificate::verified_if_given:
            asks = GNUTLS_CERT_REQUEST;
            break;
        case ClientCertificate::any:
        case ClientCertificate::verified:
            asks = GNUTLS_CERT_REQUIRE;
            break;
    }
    gnutls_certificate_server_set_request(session, asks);
    gnutls_session_set_ptr(session, const_cast<TlsContext*>(this));
    return gnutls_priority_set(session, priority_.get()) == 0 &&
           gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get()) == 0;
}

/// Called within the handshake; what is not 0 ends it.
int TlsContext::judge_client(gnutls_session_t session) {
    const TlsSettings& settings =
        static_cast<const TlsContext*>(gnutls_session_get_ptr(session))->settings_;
    unsigned count = 0;
    const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
    if (chain == nullptr || count == 0) {
        // Where there has to be one, GnuTLS has ended the handshake already.
        return settings.client == ClientCertificate::verified ||
                       settings.client == ClientCertificate::any
                   ? GNUTLS_E_CERTIFICATE_REQUIRED
                   : 0;
    }
    if (settings.client == ClientCertificate::verified ||
        settings.client == ClientCertificate::verified_if_given) {
        std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
        gnutls_typed_vdata_st wanted{GNUTLS_DT_KEY_PURPOSE_OID,
                                     reinterpret_cast<unsigned char*>(purpose.data()), 0};
        unsigned status = 0;
        if (gnutls_certificate_verify_peers(session, &wanted, 1, &status) != 0 || status != 0) {
            return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
        }
    }
    if (settings.client_names.empty()) {
        return 0;
    }
    const std::vector<std::string> names = names_of(chain[0]);
    const bool allowed =
        std::any_of(names.begin(), names.end(), [&settings](const std::string& name) {
            return !name.empty() &&
                   std::find(settings.client_names.begin(), settings.client_names.end(), name) !=
                       settings.client_names.end();
        });
    return allowed ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

}  // namespace halfclosed::auth
