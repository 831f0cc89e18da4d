#include "exporters/auth/tls_context.h"

#include <gnutls/gnutls.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <stdexcept>
#include <thread>

#include "certificate.h"
#include "exporters/auth/client_hello.h"
#include "posix/file.h"

namespace halfclosed::auth {
namespace {

TlsSettings settings_with(const Certificate& certificate) {
    TlsSettings settings;
    settings.certificate = certificate.certificate;
    settings.key = certificate.key;
    return settings;
}

std::string refusal(const TlsSettings& settings) {
    try {
        const TlsContext context(settings);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "taken";
}

/// Such a certificate used to be served, and every client got a bare end of the connection.
TEST(TlsContext, ACertificateThatNobodyCanBeServedWithIsRefused) {
    for (const unsigned usage : {GNUTLS_KEY_KEY_ENCIPHERMENT, GNUTLS_KEY_KEY_AGREEMENT,
                                 GNUTLS_KEY_DATA_ENCIPHERMENT, GNUTLS_KEY_KEY_CERT_SIGN}) {
        for (const KeyType type : {KeyType::rsa, KeyType::ecdsa}) {
            const std::string said = refusal(settings_with(self_signed(type, usage)));
            EXPECT_EQ(said.find("tls_server_config.cert_file: no handshake succeeds with it: "), 0U)
                << said;
            EXPECT_TRUE(said.ends_with("(its key usage lacks digitalSignature)")) << said;
        }
    }
}

TEST(TlsContext, ACertificateThatSignsIsTaken) {
    for (const unsigned usage :
         {0U, unsigned{GNUTLS_KEY_DIGITAL_SIGNATURE},
          unsigned{GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT}}) {
        for (const KeyType type : {KeyType::rsa, KeyType::ecdsa}) {
            TlsSettings settings = settings_with(self_signed(type, usage));
            EXPECT_EQ(refusal(settings), "taken");
            settings.newest = TlsVersion::tls12;
            EXPECT_EQ(refusal(settings), "taken");
            settings.newest = settings.oldest = TlsVersion::tls13;
            EXPECT_EQ(refusal(settings), "taken");
        }
    }
}

TEST(TlsContext, WhoVerifiesWithoutAnAuthorityTrustsTheSystems) {
    TlsSettings settings = settings_with(self_signed());
    settings.client = ClientCertificate::verified;
    EXPECT_EQ(refusal(settings), "taken");
}

/// The alert that a client gets; 0: none.
class TlsClient : public testing::Test {
 protected:
    static int alert_for(const TlsSettings& settings, const char* priorities,
                         const Certificate* own = nullptr) {
        const TlsContext context(settings);
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        const posix::Descriptor ours(ends[0]);
        posix::Descriptor theirs(ends[1]);
        std::thread server([&context, socket = std::move(theirs)] {
            gnutls_session_t session = nullptr;
            gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
            EXPECT_TRUE(context.take(session));
            gnutls_transport_set_int(session, socket.get());
            gnutls_handshake(session);
            gnutls_deinit(session);
        });
        const int alert = shake_hands(ours.get(), priorities, own);
        server.join();
        return alert;
    }

 private:
    static int shake_hands(int socket, const char* priorities, const Certificate* own) {
        gnutls_certificate_credentials_t credentials = nullptr;
        gnutls_certificate_allocate_credentials(&credentials);
        if (own != nullptr) {
            gnutls_datum_t certificate = datum(own->certificate);
            gnutls_datum_t key = datum(own->key);
            gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key,
                                                GNUTLS_X509_FMT_PEM);
        }
        gnutls_session_t session = nullptr;
        gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
        EXPECT_EQ(gnutls_priority_set_direct(session, priorities, nullptr), 0);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
        gnutls_transport_set_int(session, socket);
        int result = gnutls_handshake(session);
        if (result == 0) {  // of TLS 1.3: the server judges after it
            char byte = 0;
            result = static_cast<int>(gnutls_record_recv(session, &byte, 1));
        }
        const bool told = result == GNUTLS_E_FATAL_ALERT_RECEIVED;
        const int alert = told ? static_cast<int>(gnutls_alert_get(session)) : 0;
        gnutls_deinit(session);
        gnutls_certificate_free_credentials(credentials);
        return alert;
    }

    static gnutls_datum_t datum(const std::string& text) {
        return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
                static_cast<unsigned>(text.size())};
    }
};

constexpr const char* kTls12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
constexpr const char* kTls13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

TEST_F(TlsClient, OfAnotherVersionIsTold) {
    TlsSettings settings = settings_with(self_signed());
    settings.oldest = TlsVersion::tls13;
    EXPECT_EQ(alert_for(settings, kTls12), GNUTLS_A_PROTOCOL_VERSION);
    EXPECT_EQ(alert_for(settings, kTls13), 0);
    settings.oldest = settings.newest = TlsVersion::tls12;
    EXPECT_EQ(alert_for(settings, kTls13), GNUTLS_A_PROTOCOL_VERSION);
    EXPECT_EQ(alert_for(settings, kTls12), 0);
}

TEST_F(TlsClient, WithoutACertificateIsTold) {
    TlsSettings settings = settings_with(self_signed());
    settings.client = ClientCertificate::any;
    EXPECT_EQ(alert_for(settings, kTls13), GNUTLS_A_CERTIFICATE_REQUIRED);
    EXPECT_EQ(alert_for(settings, kTls12), GNUTLS_A_HANDSHAKE_FAILURE);
}

TEST_F(TlsClient, WithABadCertificateIsTold) {
    const Certificate own = self_signed();
    TlsSettings settings = settings_with(self_signed());
    settings.client = ClientCertificate::verified;
    settings.client_ca = settings.certificate;
    for (const char* priorities : {kTls12, kTls13}) {
        EXPECT_EQ(alert_for(settings, priorities, &own), GNUTLS_A_BAD_CERTIFICATE) << priorities;
    }
    settings.client = ClientCertificate::any;
    settings.client_names = {"scraper.example"};
    EXPECT_EQ(alert_for(settings, kTls13, &own), GNUTLS_A_BAD_CERTIFICATE);
    settings.client_names = {"localhost"};
    EXPECT_EQ(alert_for(settings, kTls13, &own), 0);
}

TEST(OffersVersion, OfTheExtensionOrOfTheBeginning) {
    const auto hello = [](unsigned char legacy, const std::string& extensions) {
        std::string text = std::string("\x03") + static_cast<char>(legacy) + std::string(32, 'r') +
                           std::string(1, '\0') + std::string("\0\x02\x13\x01\x01\0", 6);
        return extensions.empty() ? text
                                  : text + std::string(1, '\0') +
                                        static_cast<char>(extensions.size()) + extensions;
    };
    const auto offers = [](const std::string& text, TlsVersion oldest, TlsVersion newest) {
        return offers_version(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                              oldest, newest);
    };
    const std::string only13("\0\x2b\0\x03\x02\x03\x04", 7);
    EXPECT_TRUE(offers(hello(3, only13), TlsVersion::tls12, TlsVersion::tls13));
    EXPECT_FALSE(offers(hello(3, only13), TlsVersion::tls12, TlsVersion::tls12));
    EXPECT_TRUE(offers(hello(3, ""), TlsVersion::tls12, TlsVersion::tls13));
    EXPECT_FALSE(offers(hello(3, ""), TlsVersion::tls13, TlsVersion::tls13));
    EXPECT_FALSE(offers(hello(2, ""), TlsVersion::tls12, TlsVersion::tls13));
    for (const std::string& rubbish : {std::string(), std::string("\x03"), std::string(40, 'x')}) {
        EXPECT_TRUE(offers(rubbish, TlsVersion::tls12, TlsVersion::tls13)) << "GnuTLS refuses it";
    }
}

}  // namespace
}  // namespace halfclosed::auth
