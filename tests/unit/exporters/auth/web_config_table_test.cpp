#include <gtest/gtest.h>

#include <stdexcept>

#include "config_file.h"
#include "exporters/auth/web_config.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

/// Whether a web configuration is taken, here and by exporter-toolkit (web/tls_config.go and web/handler.go of v0.11,
/// gopkg.in/yaml.v2 with UnmarshalStrict).
struct Row {
    const char* what;
    std::string text;
    bool here;
    bool upstream;
};

const std::string kTls = "tls_server_config:\n  cert: c\n  key: k\n";

std::string user(const std::string& name, const std::string& hash) {
    return "basic_auth_users:\n  " + name + ": " + hash + "\n";
}

std::string header(const std::string& text) {
    return "http_server_config:\n  headers:\n    " + text + "\n";
}

std::vector<Row> rows() {
    const std::string hash = kHashOfSecret;
    return {
        // What both take.
        {"an empty file", "", true, true},
        {"empty sections", "tls_server_config:\nbasic_auth_users:\n", true, true},
        {"versions without a certificate", "tls_server_config: {min_version: TLS13}\n", true, true},
        {"a pair written into it", kTls, true, true},
        {"block scalars", "tls_server_config:\n  cert: |\n    c\n    d\n  key: >-\n    k\n", true,
         true},
        {"the default policy", kTls + "  client_auth_type: NoClientCert\n", true, true},
        {"an empty policy", kTls + "  client_auth_type: ''\n", true, true},
        {"a policy of old", kTls + "  client_auth_type: RequireClientCert\n", true, true},
        {"a policy and an authority",
         kTls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca: a\n", true, true},
        {"verified by the system's authorities",
         kTls + "  client_auth_type: RequireAndVerifyClientCert\n", true, true},
        {"the same, if given", kTls + "  client_auth_type: VerifyClientCertIfGiven\n", true, true},
        {"allowed names",
         kTls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n", true,
         true},
        {"HTTP/2, the default", "http_server_config: {http2: true}\n", true, true},
        {"no HTTP/2", "http_server_config: {http2: false}\n", true, true},
        {"no ciphers named", kTls + "  cipher_suites: []\n", true, true},
        {"no curves named", kTls + "  curve_preferences: []\n", true, true},
        {"no rate limit", "rate_limit: {interval: 0, burst: 0}\n", true, true},
        {"no rate limit, with a unit", "rate_limit:\n  interval: 0s\n", true, true},
        {"no rate limit at all", "rate_limit:\n", true, true},
        {"a header in a block", header("Content-Security-Policy: |\n      default-src 'self'"),
         true, true},
        {"an empty header", header("X-Frame-Options: ''"), true, true},
        {"a user", user("one", hash), true, true},
        {"a merge key", "tls_server_config:\n  <<: {cert: c, key: k}\n  min_version: TLS13\n", true,
         true},
        {"two merge keys", "tls_server_config:\n  <<: [{cert: c}, {key: k}]\n", true, true},
        {"an anchor", "basic_auth_users:\n  one: &hash " + hash + "\n  two: *hash\n", true, true},

        // What both refuse.
        {"an authority without a policy", kTls + "  client_ca: a\n", false, false},
        {"an authority without a certificate", "tls_server_config: {client_ca: a}\n", false, false},
        {"an authority and no client certificates",
         kTls + "  client_auth_type: NoClientCert\n  client_ca: a\n", false, false},
        {"an empty authority without a policy", kTls + "  client_ca_file: empty.crt\n", false,
         false},
        {"an empty authority and no client certificates",
         kTls + "  client_auth_type: NoClientCert\n  client_ca_file: empty.crt\n", false, false},
        {"an authority that is not there",
         kTls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: gone.crt\n",
         false, false},
        {"a certificate twice", kTls + "  cert_file: empty.crt\n", false, false},
        {"a certificate without a key", "tls_server_config: {cert: c}\n", false, false},
        {"a key without a certificate", "tls_server_config: {key: k}\n", false, false},
        {"a policy without a certificate",
         "tls_server_config: {client_auth_type: RequestClientCert}\n", false, false},
        {"an unknown policy", kTls + "  client_auth_type: Always\n", false, false},
        {"a policy in lower case", kTls + "  client_auth_type: requireandverifyclientcert\n", false,
         false},
        {"an unknown version", kTls + "  min_version: TLS14\n", false, false},
        {"an empty version", kTls + "  min_version: ''\n", false, false},
        {"SSL", kTls + "  min_version: SSL30\n", false, false},
        {"an unknown section", "tls_config: {}\n", false, false},
        {"an unknown key", kTls + "  certfile: c\n", false, false},
        {"a key twice", kTls + "  cert: d\n", false, false},
        {"a list for a text", "tls_server_config: {cert: [c], key: k}\n", false, false},
        {"a text for a list",
         kTls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: a\n", false,
         false},
        {"a text for a section", "tls_server_config: on\n", false, false},
        {"an unknown header", header("Server: x"), false, false},
        {"an unknown value of a header", header("X-Frame-Options: all"), false, false},
        {"a quoted boolean", "http_server_config: {http2: 'true'}\n", false, false},
        {"a number for a boolean", "http_server_config: {http2: 1}\n", false, false},
        {"a merge key of text", "tls_server_config:\n  <<: text\n", false, false},
        {"an unknown rate limit", "rate_limit: {per_second: 1}\n", false, false},
        {"what is no hash", user("one", "secret"), false, false},
        {"what is no YAML", "tls_server_config: [", false, false},

        // Where this is stricter.
        {"ciphers", kTls + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n", false, true},
        {"curves", kTls + "  curve_preferences: [X25519]\n", false, true},
        {"a rate limit", "rate_limit: {interval: 1s, burst: 1}\n", false, true},
        {"min above max", kTls + "  min_version: TLS13\n  max_version: TLS12\n", false, true},
        {"an empty authority",
         kTls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: empty.crt\n",
         false, true},
        {"allowed names that nobody asks for", kTls + "  client_allowed_sans: [a]\n", false, true},
        {"allowed names: nobody's",
         kTls + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n", false,
         true},
        {"a user with a colon", user("'a:b'", hash), false, true},
        {"a user without a name", user("''", hash), false, true},
        {"a hash that takes seconds", user("one", "$2b$17$" + std::string(53, 'O')), false, true},
        {"a hash that is cut off", user("one", hash.substr(0, 59)), false, true},
        {"a hash with more behind it", user("one", "'" + hash + "x'"), false, true},
        {"a header that is not ASCII", header("X-XSS-Protection: \"\\u00e4\""), false, true},
    };
}

TEST(WebConfigTable, IsTakenOrRefusedAsItSays) {
    const GuardFile folder("");
    folder.write("empty.crt", "");
    for (const Row& row : rows()) {
        std::string said = "taken";
        try {
            parse_web_config(row.text, folder.path());
        } catch (const std::invalid_argument& error) {
            said = error.what();
        }
        EXPECT_EQ(said == "taken", row.here) << row.what << ": " << said;
        EXPECT_FALSE(row.here && !row.upstream) << row.what << ": laxer than upstream";
    }
}

TEST(WebConfigTable, BooleansAreThoseOfYaml) {
    for (const char* word :
         {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}) {
        const auto config =
            parse_web_config(kTls + "  prefer_server_cipher_suites: " + word + "\n", "web.yml");
        EXPECT_TRUE(config.tls->own_order) << word;
    }
    for (const char* word :
         {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
        const auto config =
            parse_web_config(kTls + "  prefer_server_cipher_suites: " + word + "\n", "web.yml");
        EXPECT_FALSE(config.tls->own_order) << word;
    }
    for (const char* word : {"tRUE", "oN", "0", "1", "'yes'", "\"no\"", "yes please"}) {
        EXPECT_THROW(
            parse_web_config(kTls + "  prefer_server_cipher_suites: " + word + "\n", "web.yml"),
            std::invalid_argument)
            << word;
    }
}

TEST(WebConfigTable, WhatIsWrittenGoesBeforeWhatIsMerged) {
    const auto config = parse_web_config(
        "tls_server_config:\n  min_version: TLS12\n  <<: {cert: c, key: k, min_version: TLS13}\n",
        "web.yml");
    EXPECT_EQ(config.tls->oldest, TlsVersion::tls12);
    EXPECT_EQ(config.tls->certificate, "c");
}

TEST(WebConfigTable, AHeaderIsOneLine) {
    const auto config =
        parse_web_config(header("X-XSS-Protection: \" 1\\r\\nX: y\\n\""), "web.yml");
    EXPECT_EQ(config.headers.at("X-XSS-Protection"), "1  X: y");
}

}  // namespace
}  // namespace halfclosed::auth
