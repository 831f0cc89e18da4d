#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::auth {

/// What is asked of a client's certificate. The names in the file are those of Go's tls.ClientAuthType.
enum class ClientCertificate {
    none,               ///< NoClientCert
    requested,          ///< RequestClientCert: asked for, and not looked at
    any,                ///< RequireAnyClientCert: there must be one, of anybody
    verified_if_given,  ///< VerifyClientCertIfGiven
    verified,           ///< RequireAndVerifyClientCert
};

/// The versions of TLS, in their order.
enum class TlsVersion { tls10, tls11, tls12, tls13 };

/// `tls_server_config`, with the files that it names read in.
struct TlsSettings {
    std::string certificate;  ///< PEM: the server's, then those that vouch for it
    std::string key;          ///< PEM
    ClientCertificate client = ClientCertificate::none;
    std::string client_ca;  ///< PEM; empty: the system's, where certificates are verified
    /// One of them must be among the names of the client's certificate; empty: any name will do.
    std::vector<std::string> client_names;
    TlsVersion oldest = TlsVersion::tls12;
    TlsVersion newest = TlsVersion::tls13;
    bool own_order = true;  ///< of ciphers, not the client's

    bool operator==(const TlsSettings&) const = default;
};

/// Who may read the page, and over what: the web configuration file of Prometheus and its exporters
/// (github.com/prometheus/exporter-toolkit, docs/web-configuration.md).
struct WebConfig {
    std::optional<TlsSettings> tls;
    std::map<std::string, std::string>
        users;  ///< bcrypt hash by name; empty: no password is asked for
    std::map<std::string, std::string> headers;  ///< set in every answer; an empty one is left out

    bool operator==(const WebConfig&) const = default;
};

/// Reads the file and those that it names; relative names are relative to it. Throws std::invalid_argument with file,
/// line and key for whatever is wrong, and for what that format knows and this server does not do: nothing is
/// silently less safe than the file says.
WebConfig read_web_config(const std::string& path);

/// The same from text, in the name of `path`.
WebConfig parse_web_config(const std::string& text, const std::string& path);

}  // namespace halfclosed::auth
