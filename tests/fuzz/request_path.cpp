// Any path and query as a reader sends them: an answer with a status, never a throw.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/routes.h"
#include "exporters/sample_snapshot.h"
#include "request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed;
    const std::string target(reinterpret_cast<const char*>(data), size);
    const http::Request request = request_for("GET", target);
    static const exporters::Snapshot snapshot = exporters::busy_report();
    for (const auto* shown : {static_cast<const exporters::Snapshot*>(nullptr), &snapshot}) {
        if (exporters::answer(request, shown, exporters::kNow).status < 200) {
            std::abort();
        }
    }
    return 0;
}
