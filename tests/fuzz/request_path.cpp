// Any path and query as a reader sends them: an answer with a status, never a throw.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/routes.h"
#include "exporters/snapshot/snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    halfclosed::http::Request request;
    request.method = "GET";
    const std::size_t query = text.find('?');
    request.path = text.substr(0, query);
    for (std::size_t at = query; at < text.size();) {
        const std::size_t end = text.find('&', at + 1);
        const std::string pair = text.substr(at + 1, end - at - 1);
        const std::size_t equal = pair.find('=');
        request.query[pair.substr(0, equal)] =
            equal == std::string::npos ? "" : pair.substr(equal + 1);
        at = end;
    }
    static const halfclosed::exporters::Snapshot snapshot;
    for (const auto* shown :
         {static_cast<const halfclosed::exporters::Snapshot*>(nullptr), &snapshot}) {
        if (halfclosed::exporters::answer(request, shown, {}).status < 200) {
            std::abort();
        }
    }
    return 0;
}
