#include "cli/version.h"

#include <fmt/format.h>
#include <gnutls/gnutls.h>
#include <spdlog/version.h>

#include "exact/source.h"
#include "http/server.h"

namespace halfclosed {

std::string version() {
    return HALFCLOSED_VERSION;
}

std::string revision() {
    return HALFCLOSED_REVISION;
}

std::string version_text() {
    return fmt::format(
        "halfclosed {} (revision {})\n"
        "compiler:  {}, {}\n"
        "libraries: libmicrohttpd {}, GnuTLS {}, spdlog {}.{}.{}\n"
        "features:  control socket, lab, systemd{}{}",
        version(), revision(), HALFCLOSED_COMPILER, HALFCLOSED_BUILD_TYPE, http::library_version(),
        gnutls_check_version(nullptr), SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH,
        http::library_has_tls() ? ", TLS" : "",
        exact::is_built_in() ? ", exact source" : "; no exact source (libbpf)");
}

}  // namespace halfclosed
