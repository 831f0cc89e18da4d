#include "exporters/auth/web_config.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "config_file.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

/// What the file is refused with, without the directory.
std::string refusal(const std::string& text) {
    try {
        parse_web_config(text, "web.yml");
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "taken";
}

TEST(WebConfig, AnEmptyFileAsksForNothing) {
    for (const char* text :
         {"", "# nothing\n", "---\n", "tls_server_config:\nbasic_auth_users:\n", "{}"}) {
        EXPECT_EQ(parse_web_config(text, "web.yml"), WebConfig{}) << text;
    }
}

TEST(WebConfig, FilesAreRelativeToIt) {
    const GuardFile file(R"(
tls_server_config:
  cert_file: server.crt
  key_file: ./server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [scraper.example, 192.0.2.1]
  min_version: TLS13
  prefer_server_cipher_suites: false
)");
    file.write("server.crt", "certificate");
    file.write("server.key", "key");
    file.write("ca.crt", "authority");
    const WebConfig config = read_web_config(file.path());
    ASSERT_TRUE(config.tls);
    TlsSettings expected;
    expected.certificate = "certificate";
    expected.key = "key";
    expected.client_ca = "authority";
    expected.client = ClientCertificate::verified;
    expected.client_names = {"scraper.example", "192.0.2.1"};
    expected.oldest = TlsVersion::tls13;
    expected.own_order = false;
    EXPECT_EQ(*config.tls, expected);
}

TEST(WebConfig, CertificatesMayBeWrittenIntoIt) {
    const auto config = parse_web_config("tls_server_config: {cert: c, key: k}", "web.yml");
    ASSERT_TRUE(config.tls);
    EXPECT_EQ(config.tls->certificate, "c");
    EXPECT_EQ(config.tls->key, "k");
}

TEST(WebConfig, UsersAndHeaders) {
    const auto config = parse_web_config(
        std::string("basic_auth_users:\n  one: ") + kHashOfSecret +
            "\nhttp_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: sameorigin\n"
            "    Strict-Transport-Security: max-age=3600\n    Content-Security-Policy: ''\n",
        "web.yml");
    EXPECT_EQ(config.users, (std::map<std::string, std::string>{{"one", kHashOfSecret}}));
    EXPECT_EQ(config.headers,
              (std::map<std::string, std::string>{{"Content-Security-Policy", ""},
                                                  {"Strict-Transport-Security", "max-age=3600"},
                                                  {"X-Frame-Options", "sameorigin"}}));
}

TEST(WebConfig, WhatIsWrongIsNamedWithItsLine) {
    const std::string pair = "tls_server_config:\n  cert: c\n  key: k\n";
    const std::pair<std::string, std::string> cases[] = {
        {"tls_server_config: [", "web.yml:1: not YAML"},
        {"- a\n", "web.yml:1: expected keys with values"},
        {"\n\ntls_server: {}\n", "web.yml:3: tls_server: unknown key"},
        {"tls_server_config:\n  cert: c\n  certfile: x\n",
         "web.yml:3: tls_server_config.certfile: unknown key"},
        {"tls_server_config:\n  cert: c\n  cert: d\n",
         "web.yml:3: tls_server_config.cert: there twice"},
        {"tls_server_config: on\n", "web.yml:1: tls_server_config: expected keys with values"},
        {"tls_server_config:\n  cert: [c]\n", "web.yml:2: tls_server_config.cert: expected text"},
        {"tls_server_config:\n  cert: c\n", "key_file: missing"},
        {"tls_server_config:\n  key: k\n", "cert_file: missing"},
        {"tls_server_config:\n  cert_file: nowhere.crt\n  key: k\n",
         "web.yml:2: tls_server_config.cert_file: nowhere.crt: No such file or directory"},
        {"tls_server_config:\n  cert_file: /\n  key: k\n",
         "web.yml:2: tls_server_config.cert_file: /: Is a directory"},
        {pair + "  cert_file: x\n", "web.yml:2: tls_server_config.cert: there is cert_file too"},
        {pair + "  min_version: TLS14\n",
         "web.yml:4: tls_server_config.min_version: 'TLS14' is not one of TLS10, "},
        {pair + "  min_version: TLS13\n  max_version: TLS12\n",
         "web.yml:5: tls_server_config.max_version: below"},
        {pair + "  client_auth_type: Always\n",
         "web.yml:4: tls_server_config.client_auth_type: 'Always' is not one of"},
        {pair + "  client_ca: ca\n", "client_auth_type: needed beside a client CA"},
        {pair + "  client_auth_type: RequestClientCert\n  client_allowed_sans: [a]\n",
         "client_allowed_sans: needs"},
        {pair + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n",
         "lets nobody in"},
        {pair + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
         "web.yml:4: tls_server_config.cipher_suites: not supp"},
        {pair + "  curve_preferences: [X25519]\n",
         "web.yml:4: tls_server_config.curve_preferences: not supported"},
        {pair + "  prefer_server_cipher_suites: maybe\n",
         "prefer_server_cipher_suites: 'maybe' is not true or false"},
        {"http_server_config:\n  headers:\n    Server: x\n",
         "web.yml:3: http_server_config.headers.Server: unknown"},
        {"http_server_config:\n  headers:\n    X-Frame-Options: all\n",
         "X-Frame-Options: 'all' is not deny or"},
        {"http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\tX: y\"\n",
         "one line of printable ASCII"},
        {"basic_auth_users:\n  one: secret\n",
         "web.yml:2: basic_auth_users.one: not a bcrypt hash"},
        {"basic_auth_users:\n  one:\n", "web.yml:2: basic_auth_users.one: not a bcrypt hash"},
        {"basic_auth_users:\n  one: $2b$17$" + std::string(53, 'O') + "\n",
         "web.yml:2: basic_auth_users.one: a bcrypt"},
        {std::string("basic_auth_users:\n  'a:b': ") + kHashOfSecret,
         "web.yml:2: basic_auth_users.a:b: a user's name"},
        {"rate_limit: {interval: 1s, burst: 1}\n", "web.yml:1: rate_limit.interval: not supported"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_NE(refusal(text).find(expected), std::string::npos)
            << text << "\nsays " << refusal(text);
        EXPECT_EQ(refusal(text).find('\n'), std::string::npos) << refusal(text);
    }
}

TEST(WebConfig, EveryKeyHasItsPlace) {
    const WebConfig config = read_web_config(HALFCLOSED_FIXTURES "/guard/everything.yml");
    ASSERT_TRUE(config.tls);
    EXPECT_EQ(config.tls->client_names.size(), 2U);
    EXPECT_EQ(config.headers.size(), 3U);
    EXPECT_EQ(config.users.count("prometheus"), 1U);
}

TEST(WebConfig, AFileThatIsNotThereIsNamed) {
    const GuardFile file("");
    try {
        read_web_config(file.beside("other.yml"));
        FAIL() << "read what is not there";
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(error.what(), file.beside("other.yml") + ": No such file or directory");
    }
}

/// A file that was cut off is refused or asks for no less than it says; nothing crashes.
TEST(WebConfig, EveryPrefixIsTakenOrRefused) {
    const std::string whole =
        std::string("tls_server_config: {cert: c, key: k}\nbasic_auth_users:\n  one: ") +
        kHashOfSecret + "\nhttp_server_config: {headers: {X-Frame-Options: deny}}\n";
    ASSERT_EQ(refusal(whole), "taken");
    std::size_t refused = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        refused += refusal(whole.substr(0, length)) == "taken" ? 0 : 1;
    }
    EXPECT_GT(refused, whole.size() / 2);
}

}  // namespace
}  // namespace halfclosed::auth
