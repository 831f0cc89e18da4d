#include "exporters/auth/tls_context.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "exporters/auth/client_hello.h"
#include "exporters/auth/tls_trial.h"

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

/// What gnutls_certificate_verify_peers() has against a certificate, in one line.
std::string verification_text(int result, unsigned status) {
    if (result != 0) {
        return gnutls_strerror(result);
    }
    gnutls_datum_t text{};
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) != 0) {
        return "verification failed";
    }
    std::string line(reinterpret_cast<const char*>(text.data), text.size);
    gnutls_free(text.data);
    line.erase(line.find_last_not_of(" \n") + 1);
    return line;
}

/// What is most often wrong with a certificate that nobody can be served with.
std::string usage_hint(const std::string& pem) {
    gnutls_x509_crt_t parsed = nullptr;
    if (gnutls_x509_crt_init(&parsed) != 0) {
        return {};
    }
    const std::unique_ptr<gnutls_x509_crt_int, void (*)(gnutls_x509_crt_t)> owned(
        parsed, gnutls_x509_crt_deinit);
    const gnutls_datum_t text = datum(pem);
    unsigned usage = 0;
    const bool lacks_it = gnutls_x509_crt_import(parsed, &text, GNUTLS_X509_FMT_PEM) == 0 &&
                          gnutls_x509_crt_get_key_usage(parsed, &usage, nullptr) == 0 &&
                          (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0;
    return lacks_it ? " (its key usage lacks digitalSignature)" : "";
}

/// Why a client's certificate is refused; empty: it is not.
std::string trouble_with(const TlsSettings& settings, gnutls_session_t session,
                         const gnutls_datum_t& certificate) {
    if (settings.client == ClientCertificate::verified ||
        settings.client == ClientCertificate::verified_if_given) {
        std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
        gnutls_typed_vdata_st wanted{GNUTLS_DT_KEY_PURPOSE_OID,
                                     reinterpret_cast<unsigned char*>(purpose.data()), 0};
        unsigned status = 0;
        const int result = gnutls_certificate_verify_peers(session, &wanted, 1, &status);
        if (result != 0 || status != 0) {
            return "its certificate is not good: " + verification_text(result, status);
        }
    }
    if (settings.client_names.empty()) {
        return {};
    }
    const std::vector<std::string> names = names_of(certificate);
    const bool allowed =
        std::any_of(names.begin(), names.end(), [&settings](const std::string& name) {
            return !name.empty() &&
                   std::find(settings.client_names.begin(), settings.client_names.end(), name) !=
                       settings.client_names.end();
        });
    return allowed ? "" : "no name of its certificate is in client_allowed_sans";
}

}  // namespace

void TlsContext::Free::operator()(gnutls_certificate_credentials_st* credentials) const {
    gnutls_certificate_free_credentials(credentials);
}

void TlsContext::Free::operator()(gnutls_priority_st* priority) const {
    gnutls_priority_deinit(priority);
}

/// Called within handshakes; what is not 0 ends them. GnuTLS leaves the alert to its caller, and libmicrohttpd sends
/// none.
struct TlsContext::Callbacks {
    static const TlsContext& context_of(gnutls_session_t session) {
        return *static_cast<const TlsContext*>(gnutls_session_get_ptr(session));
    }

    static int judge_versions(gnutls_session_t session, unsigned, unsigned, unsigned incoming,
                              const gnutls_datum_t* hello) {
        const TlsContext& context = context_of(session);
        if (incoming == 0 || offers_version(hello->data, hello->size, context.settings_.oldest,
                                            context.settings_.newest)) {
            return 0;
        }
        context.refusals_.refuse(session, GNUTLS_A_PROTOCOL_VERSION,
                                 "it offers no version of TLS that is served");
        return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
    }

    static int judge_client(gnutls_session_t session) {
        const TlsContext& context = context_of(session);
        unsigned count = 0;
        const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
        if (chain == nullptr || count == 0) {
            return judge_absence(context, session);
        }
        const std::string why = trouble_with(context.settings_, session, chain[0]);
        if (why.empty()) {
            return 0;
        }
        context.refusals_.refuse(session, GNUTLS_A_BAD_CERTIFICATE, why);
        return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    }

    static int judge_absence(const TlsContext& context, gnutls_session_t session) {
        if (context.settings_.client != ClientCertificate::verified &&
            context.settings_.client != ClientCertificate::any) {
            return 0;
        }
        // TLS 1.2 has no alert of that name (RFC 8446, 6.2).
        context.refusals_.refuse(session,
                                 gnutls_protocol_get_version(session) == GNUTLS_TLS1_3
                                     ? GNUTLS_A_CERTIFICATE_REQUIRED
                                     : GNUTLS_A_HANDSHAKE_FAILURE,
                                 "it has no certificate");
        return GNUTLS_E_CERTIFICATE_REQUIRED;
    }
};

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
    } else if (settings.client == ClientCertificate::verified ||
               settings.client == ClientCertificate::verified_if_given) {
        must(gnutls_certificate_set_x509_system_trust(credentials), "client_auth_type");
    }
    gnutls_priority_t priority = nullptr;
    must(gnutls_priority_init(&priority, priorities(settings).c_str(), nullptr), "min_version");
    priority_.reset(priority);
    if (const int error = try_handshake(credentials, priority); error != 0) {
        throw std::invalid_argument(
            std::string("tls_server_config.cert_file: no handshake succeeds with it: ") +
            gnutls_strerror(error) + usage_hint(settings.certificate));
    }
    gnutls_certificate_set_verify_function(credentials, &Callbacks::judge_client);
    gnutls_memset(settings_.key.data(), 0, settings_.key.size());
    settings_.key.clear();
}

bool TlsContext::take(gnutls_session_t session) const {
    // Only asked for, also where there must be one: who has none is told so by Callbacks.
    gnutls_certificate_server_set_request(session, settings_.client == ClientCertificate::none
                                                       ? GNUTLS_CERT_IGNORE
                                                       : GNUTLS_CERT_REQUEST);
    gnutls_session_set_ptr(session, const_cast<TlsContext*>(this));
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                       &Callbacks::judge_versions);
    return gnutls_priority_set(session, priority_.get()) == 0 &&
           gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get()) == 0;
}

}  // namespace halfclosed::auth
