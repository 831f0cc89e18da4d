#include "exporters/http/routes.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "exporters/http/content_policy.h"
#include "exporters/http/gzip.h"
#include "exporters/json/live_json.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/metrics/metrics_page.h"
#include "exporters/snapshot/freshness.h"
#include "exporters/snapshot/snapshot_query.h"
#include "exporters/web/landing_page.h"
#include "exporters/web/page_assets.h"
#include "exporters/web/runbook_page.h"
#include "http/query.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kCss = "text/css; charset=utf-8";
constexpr const char* kJson = "application/json";
constexpr const char* kSvg = "image/svg+xml";
constexpr const char* kContentPolicyName = "Content-Security-Policy";
constexpr const char* kJavaScript = "text/javascript; charset=utf-8";

/// Below this a compressed body saves no packet.
constexpr std::size_t kWorthCompressing = 1400;

http::Answer unavailable(const std::string& why) {
    return http::text_answer(503, http::kPlainText, why + "\n");
}

/// The query is not as it should be.
http::Answer bad_request(const std::string& why) {
    return http::text_answer(400, http::kPlainText, text::printable(why) + "\n");
}

struct Asked {
    const http::Request& request;
    const Snapshot* snapshot;  ///< null before the first
    Instant now;
    std::size_t viewers;
};

http::Answer metrics(const Asked& asked) {
    FamilyFilter filter;
    try {
        filter = FamilyFilter(http::decoded_query(asked.request));
    } catch (const std::invalid_argument& error) {
        return bad_request(error.what());
    }
    if (asked.snapshot == nullptr) {
        return unavailable(blindness(asked.snapshot, asked.now));
    }
    const MetricsFormat format = accepted_format(asked.request.header("accept"));
    return http::text_answer(200, content_type(format),
                             metrics_page(*asked.snapshot, asked.now, format, filter));
}

http::Answer landing(const Asked& asked) {
    if (asked.snapshot == nullptr) {
        return unavailable(blindness(asked.snapshot, asked.now));
    }
    static const std::string kPolicy = content_policy_with_style(kStyleSheet);
    http::Answer page = http::text_answer(200, kHtml, landing_page(*asked.snapshot, asked.now));
    page.headers.emplace_back(kContentPolicyName, kPolicy);
    return page;
}

http::Answer runbook(const Asked&) {
    static const std::string kPage = runbook_page();
    return http::text_answer(200, kHtml, kPage);
}

http::Answer style(const Asked&) {
    return http::text_answer(200, kCss, kStyleSheet);
}

http::Answer icon(const Asked&) {
    return http::text_answer(200, kSvg, kIcon);
}

http::Answer script(const Asked&) {
    return http::text_answer(200, kJavaScript, kScript);
}

/// Blind it answers too: it says so, and since when.
http::Answer live(const Asked& asked) {
    if (!asked.request.query.empty()) {
        return bad_request("/api/v1/live takes no parameters");
    }
    return asked.snapshot == nullptr
               ? unavailable(blindness(asked.snapshot, asked.now))
               : http::text_answer(200, kJson,
                                   live_json(*asked.snapshot, asked.now, asked.viewers));
}

http::Answer snapshot(const Asked& asked) {
    SnapshotQuery query;
    try {
        query = snapshot_query_of(http::decoded_query(asked.request));
    } catch (const std::invalid_argument& error) {
        return bad_request(error.what());
    }
    const std::string why = blindness(asked.snapshot, asked.now);
    return why.empty() ? http::text_answer(200, kJson, snapshot_json(*asked.snapshot, query))
                       : unavailable(why);
}

/// Where there is one, HttpOptions::history answers.
http::Answer no_history(const Asked&) {
    return http::text_answer(404, http::kPlainText, "no history is told here\n");
}

http::Answer healthy(const Asked&) {
    return http::text_answer(200, http::kPlainText, "halfclosed is healthy\n");
}

http::Answer ready(const Asked& asked) {
    const std::string why = blindness(asked.snapshot, asked.now);
    return why.empty() ? http::text_answer(200, http::kPlainText, "halfclosed is ready\n")
                       : unavailable("halfclosed is not ready: " + why);
}

bool has_header(const http::Answer& answer, std::string_view name) {
    return std::any_of(answer.headers.begin(), answer.headers.end(),
                       [&](const auto& header) { return header.first == name; });
}

/// With what every answer says that says nothing else of it.
http::Answer secured(http::Answer answer) {
    for (const auto& [name, value] :
         {std::pair{"X-Content-Type-Options", "nosniff"},
          std::pair{kContentPolicyName, kContentPolicy}, std::pair{"X-Frame-Options", "DENY"},
          std::pair{"Cache-Control", "no-store"}}) {
        if (!has_header(answer, name)) {
            answer.headers.emplace_back(name, value);
        }
    }
    return answer;
}

struct Route {
    std::string_view path;
    http::Answer (*respond)(const Asked& asked);
};

constexpr Route kRoutes[] = {
    {"/metrics", metrics},
    {"/", landing},
    {"/runbook", runbook},
    {"/style.css", style},
    {"/icon.svg", icon},
    {"/live.js", script},
    {"/api/v1/live", live},
    {"/api/v1/snapshot", snapshot},
    {"/api/v1/history", no_history},
    {"/-/healthy", healthy},
    {"/-/ready", ready},
};

http::Answer routed(const Asked& asked) {
    const http::Request& request = asked.request;
    const auto* route = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                     [&](const Route& each) { return each.path == request.path; });
    if (route == std::end(kRoutes)) {
        return http::text_answer(404, http::kPlainText, "not found: try / or /metrics\n");
    }
    if (!request.reads()) {
        return http::method_not_allowed("GET, HEAD");
    }
    return route->respond(asked);
}

}  // namespace

http::Answer answer(const http::Request& request, const Snapshot* snapshot, Instant now,
                    std::size_t viewers) {
    return finished(request, routed({request, snapshot, now, viewers}));
}

http::Answer finished(const http::Request& request, http::Answer result) {
    result.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    if (result.body().size() >= kWorthCompressing &&
        accepts_gzip(request.header("accept-encoding"))) {
        result.text = std::make_shared<const std::string>(gzip(result.body()));
        result.headers.emplace_back("Content-Encoding", "gzip");
    }
    return secured(std::move(result));
}

http::Answer unauthorized() {
    http::Answer result =
        http::text_answer(401, http::kPlainText, "a name and a password are needed\n");
    result.headers.emplace_back("WWW-Authenticate", R"(Basic realm="halfclosed", charset="UTF-8")");
    return secured(std::move(result));
}

http::Answer too_many_at_once() {
    http::Answer result = unavailable("too many passwords to check at once");
    result.headers.emplace_back("Retry-After", "1");
    return secured(std::move(result));
}

http::Answer sockets_not_shown() {
    return secured(http::text_answer(
        403, http::kPlainText,
        "single sockets are not shown here (--snapshot-access): `halfclosed snapshot` and the "
        "control socket show them\n"));
}

http::Answer misdirected() {
    return secured(
        http::text_answer(421, http::kPlainText,
                          "this is not the host that was asked for: --allowed-host adds a name\n"));
}

}  // namespace halfclosed::exporters
