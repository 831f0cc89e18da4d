#include "exporters/auth/web_config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "exporters/auth/bcrypt.h"
#include "exporters/auth/yaml_section.h"

namespace halfclosed::auth {

namespace {

/// Certificates come in chains, and a chain in a few KiB.
constexpr std::size_t kLargestFile = std::size_t{1024} * 1024;

/// A more expensive check takes longer than a scrape may (4 s at 16, twice that for each step).
constexpr int kDearestHash = 16;

/// Throws std::runtime_error with the reason alone.
std::string read_file(const std::string& path) {
    std::error_code not_there;
    if (std::filesystem::is_directory(path, not_there)) {
        throw std::runtime_error(std::strerror(EISDIR));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(std::strerror(errno));
    }
    std::string text(kLargestFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kLargestFile) {
        throw std::runtime_error("larger than 1 MiB");
    }
    return text;
}

template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// The value that a word stands for. Of several words for one value the first is told in errors.
template <typename Value>
Value choose(YamlSection& section, const std::string& key, const Choices<Value>& choices,
             Value otherwise) {
    const auto word = section.text(key);
    if (!word) {
        return otherwise;
    }
    std::string expected;
    for (const auto& [name, value] : choices) {
        if (*word == name) {
            return value;
        }
        expected += (expected.empty() || name.empty() ? "" : ", ") + name;
    }
    section.refuse(key, "'" + *word + "' is not one of " + expected);
}

/// PEM text, written into the configuration or in a file that it names.
std::string pem(YamlSection& section, const std::string& key, const std::string& directory) {
    std::string inline_text = section.text(key).value_or("");
    const std::string file = section.text(key + "_file").value_or("");
    if (!inline_text.empty() && !file.empty()) {
        section.refuse(key, "there is " + key + "_file too");
    }
    if (file.empty()) {
        return inline_text;
    }
    const std::string path = (std::filesystem::path(directory) / file).string();
    try {
        return read_file(path);
    } catch (const std::runtime_error& error) {
        section.refuse(key + "_file", path + ": " + error.what());
    }
}

/// An empty list is the default written out.
void refuse_unless_empty(YamlSection& section, const std::string& key, const std::string& why) {
    const auto values = section.texts(key);
    if (values && !values->empty()) {
        section.refuse(key, why);
    }
}

/// Whether the file says something here, be it that another file is empty.
bool named(YamlSection& section, const std::string& key) {
    return !section.text(key).value_or("").empty() ||
           !section.text(key + "_file").value_or("").empty();
}

std::optional<TlsSettings> tls_settings(YamlSection& section, const std::string& directory) {
    TlsSettings tls;
    tls.certificate = pem(section, "cert", directory);
    tls.key = pem(section, "key", directory);
    tls.client_ca = pem(section, "client_ca", directory);
    tls.client = choose<ClientCertificate>(
        section, "client_auth_type",
        {{"NoClientCert", ClientCertificate::none},
         {"", ClientCertificate::none},
         {"RequestClientCert", ClientCertificate::requested},
         {"RequireAnyClientCert", ClientCertificate::any},
         {"RequireClientCert", ClientCertificate::any},
         {"VerifyClientCertIfGiven", ClientCertificate::verified_if_given},
         {"RequireAndVerifyClientCert", ClientCertificate::verified}},
        ClientCertificate::none);
    const Choices<TlsVersion> versions{{"TLS10", TlsVersion::tls10},
                                       {"TLS11", TlsVersion::tls11},
                                       {"TLS12", TlsVersion::tls12},
                                       {"TLS13", TlsVersion::tls13}};
    tls.oldest = choose(section, "min_version", versions, TlsVersion::tls12);
    tls.newest = choose(section, "max_version", versions, TlsVersion::tls13);
    tls.own_order = section.flag("prefer_server_cipher_suites").value_or(true);
    const auto names = section.texts("client_allowed_sans");
    tls.client_names = names.value_or(std::vector<std::string>{});
    refuse_unless_empty(section, "cipher_suites", "not supported: GnuTLS chooses the ciphers");
    refuse_unless_empty(section, "curve_preferences", "not supported: GnuTLS chooses the curves");
    section.refuse_the_rest();

    const bool required =
        tls.client == ClientCertificate::verified || tls.client == ClientCertificate::any;
    if (tls.oldest > tls.newest) {
        section.refuse("max_version", "below min_version");
    }
    if (named(section, "client_ca") && tls.client == ClientCertificate::none) {
        section.refuse("client_auth_type",
                       "needed beside a client CA, such as RequireAndVerifyClientCert");
    }
    if (named(section, "client_ca") && tls.client_ca.empty()) {
        section.refuse("client_ca_file", "empty: nobody would vouch for clients");
    }
    if (names && !required) {
        section.refuse("client_allowed_sans",
                       "needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert");
    }
    if (names && names->empty()) {
        section.refuse("client_allowed_sans", "an empty list lets nobody in");
    }
    if (!named(section, "cert") && !named(section, "key") &&
        section.text("client_auth_type").value_or("").empty()) {
        return std::nullopt;  // versions without a certificate: no TLS, as exporter-toolkit has it
    }
    if (tls.certificate.empty()) {
        section.refuse("cert_file", "missing: TLS needs a certificate");
    }
    if (tls.key.empty()) {
        section.refuse("key_file", "missing: TLS needs the certificate's key");
    }
    return tls;
}

std::map<std::string, std::string> headers(YamlSection& section) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, allowed] :
         std::initializer_list<std::pair<std::string, std::vector<std::string>>>{
             {"Content-Security-Policy", {}},
             {"Strict-Transport-Security", {}},
             {"X-Content-Type-Options", {"nosniff"}},
             {"X-Frame-Options", {"deny", "sameorigin"}},
             {"X-XSS-Protection", {}}}) {
        auto value = section.text(name);
        if (!value) {
            continue;
        }
        // As Go's net/http sends it: line ends, such as a block scalar's last, are blanks, and those around it are none.
        std::replace(value->begin(), value->end(), '\n', ' ');
        std::replace(value->begin(), value->end(), '\r', ' ');
        value->erase(value->find_last_not_of(" \t") + 1);
        value->erase(0, std::min(value->find_first_not_of(" \t"), value->size()));
        const bool listed = allowed.empty() || value->empty() ||
                            std::find(allowed.begin(), allowed.end(), *value) != allowed.end();
        if (!listed) {
            section.refuse(name, "'" + *value + "' is not " + allowed.front() +
                                     (allowed.size() > 1 ? " or " + allowed.back() : ""));
        }
        const bool printable =
            std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c <= '~'; });
        if (!printable) {
            section.refuse(name, "a header is one line of printable ASCII");
        }
        headers[name] = *value;
    }
    section.refuse_the_rest();
    return headers;
}

std::map<std::string, std::string> users(YamlSection& section) {
    std::map<std::string, std::string> users;
    for (const auto& [name, hash] : section.entries()) {
        if (name.empty() || name.find(':') != std::string::npos) {
            section.refuse(name, "a user's name is not empty and has no colon (RFC 7617)");
        }
        const auto cost = bcrypt_cost(hash);
        if (!cost) {
            section.refuse(name,
                           "not a bcrypt hash ($2b$10$…); make one with: htpasswd -nBC 10 " + name);
        }
        if (*cost > kDearestHash) {
            section.refuse(name, "a bcrypt cost of " + std::to_string(*cost) +
                                     " takes longer than a scrape may; " +
                                     std::to_string(kDearestHash) + " at most");
        }
        users[name] = hash;
    }
    return users;
}

}  // namespace

WebConfig parse_web_config(const std::string& text, const std::string& path) {
    const std::string directory = std::filesystem::path(path).parent_path().string();
    YamlSection file(text, path);
    WebConfig config;
    if (auto section = file.section("tls_server_config")) {
        config.tls = tls_settings(*section, directory);
    }
    if (auto section = file.section("http_server_config")) {
        section->flag("http2");  // a client that offers HTTP/1.1 too is served, whatever it says
        if (auto inner = section->section("headers")) {
            config.headers = headers(*inner);
        }
        section->refuse_the_rest();
    }
    if (auto section = file.section("basic_auth_users")) {
        config.users = users(*section);
    }
    if (auto section = file.section("rate_limit")) {
        const std::string interval = section->text("interval").value_or("0");
        section->text("burst");
        if (interval.find_first_of("123456789") != std::string::npos) {
            section->refuse(
                "interval",
                "not supported: requests are answered once a second and otherwise from memory");
        }
        section->refuse_the_rest();
    }
    file.refuse_the_rest();
    return config;
}

WebConfig read_web_config(const std::string& path) {
    std::string text;
    try {
        text = read_file(path);
    } catch (const std::runtime_error& error) {
        throw std::invalid_argument(path + ": " + error.what());
    }
    return parse_web_config(text, path);
}

}  // namespace halfclosed::auth
