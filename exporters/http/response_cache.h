#pragma once

#include <microhttpd.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "exporters/auth/access_policy.h"
#include "exporters/http/routes.h"

namespace halfclosed::exporters {

struct DestroyResponse {
    void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};

/// A reference to libmicrohttpd's response; each connection that is sent one holds a reference of its own.
using Response = std::unique_ptr<MHD_Response, DestroyResponse>;

/// Answers that are made once for all who ask for the same within a second: a crowd costs what one client does, and
/// slow readers share one copy. Of one thread.
class ResponseCache {
 public:
    static constexpr std::chrono::seconds kKeptFor{1};

    using AccessPolicy = std::shared_ptr<const auth::AccessPolicy>;

    /// The response to the request and its status; kept where that is 200, which only a handful of paths are. The
    /// access_policy's headers go before the answer's; it may be null. The pointer is good until the next call.
    std::pair<MHD_Response*, unsigned> respond(const HttpRequest& request,
                                               const std::shared_ptr<const Snapshot>& snapshot,
                                               const AccessPolicy& access_policy, Instant now);

    /// An answer of its own.
    std::pair<MHD_Response*, unsigned> respond(HttpAnswer answer,
                                               const AccessPolicy& access_policy);

 private:
    struct Kept {
        Instant made;
        Response response;
    };
    using Key = std::pair<std::string, bool>;  ///< path, whether gzip is taken

    // What kept_ was made of.
    std::shared_ptr<const Snapshot> snapshot_;
    AccessPolicy access_policy_;
    std::map<Key, Kept> kept_;
    Response not_kept_;
};

}  // namespace halfclosed::exporters
