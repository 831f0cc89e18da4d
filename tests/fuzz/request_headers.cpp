// Any bytes in place of what a request says in its Host, Accept-Encoding and Accept headers. A bare name is allowed with a
// port, too.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporters/http/allowed_hosts.h"
#include "exporters/http/gzip.h"
#include "exporters/metrics/metrics_page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed::exporters;
    const std::string_view header(reinterpret_cast<const char*>(data), size);
    static AllowedHosts hosts({"metrics.example", "2001:db8::1"});
    const bool name = header.find_first_of(":[") == std::string_view::npos && !header.empty();
    if (name && hosts.allows(header) && !hosts.allows(std::string(header) + ":10999")) {
        std::abort();
    }
    hosts.allows(header);
    accepts_gzip(header);
    accepted_format(header);
    return 0;
}
