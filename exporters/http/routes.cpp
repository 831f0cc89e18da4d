#include "exporters/http/routes.h"

#include <algorithm>
#include <utility>

#include "exporters/http/gzip.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/metrics/metrics_page.h"
#include "exporters/web/landing_page.h"
#include "exporters/web/page_assets.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kCss = "text/css; charset=utf-8";
constexpr const char* kJson = "application/json";
constexpr const char* kSvg = "image/svg+xml";

/// Below this a compressed body saves no packet.
constexpr std::size_t kWorthCompressing = 1400;

HttpAnswer respond(unsigned status, const char* content_type, std::string body) {
    return {status, std::move(body), {{"Content-Type", content_type}}};
}

HttpAnswer unavailable(const std::string& why) {
    return respond(503, kText, why + "\n");
}

/// Why what we know of the sockets is not the present; empty where it is.
std::string blindness(const Snapshot* snapshot, Instant now) {
    if (snapshot == nullptr) {
        return "the first poll is not complete";
    }
    if (!snapshot->fresh(now)) {
        return "the last poll was " + text::duration_text(now - snapshot->instant) + " ago";
    }
    if (!snapshot->closing) {
        return "the last closing poll got no answer from the kernel";
    }
    return {};
}

HttpAnswer metrics(const Snapshot* snapshot, Instant now) {
    if (snapshot == nullptr) {
        return unavailable(blindness(snapshot, now));
    }
    return respond(200, kMetricsContentType, metrics_page(*snapshot, now, read_process_metrics()));
}

HttpAnswer landing(const Snapshot* snapshot, Instant now) {
    if (snapshot == nullptr) {
        return unavailable(blindness(snapshot, now));
    }
    return respond(200, kHtml, landing_page(*snapshot, now));
}

HttpAnswer style(const Snapshot*, Instant) {
    return respond(200, kCss, kStyleSheet);
}

HttpAnswer icon(const Snapshot*, Instant) {
    return respond(200, kSvg, kIcon);
}

HttpAnswer snapshot(const Snapshot* snapshot, Instant now) {
    const std::string why = blindness(snapshot, now);
    return why.empty() ? respond(200, kJson, snapshot_json(*snapshot)) : unavailable(why);
}

HttpAnswer healthy(const Snapshot*, Instant) {
    return respond(200, kText, "halfclosed is healthy\n");
}

HttpAnswer ready(const Snapshot* snapshot, Instant now) {
    const std::string why = blindness(snapshot, now);
    return why.empty() ? respond(200, kText, "halfclosed is ready\n")
                       : unavailable("halfclosed is not ready: " + why);
}

/// With what every answer says.
HttpAnswer secured(HttpAnswer answer) {
    for (const auto& [name, value] :
         {std::pair{"X-Content-Type-Options", "nosniff"},
          std::pair{"Content-Security-Policy", "default-src 'self'"},
          std::pair{"X-Frame-Options", "DENY"}, std::pair{"Cache-Control", "no-store"}}) {
        answer.headers.emplace_back(name, value);
    }
    return answer;
}

struct Route {
    std::string_view path;
    HttpAnswer (*respond)(const Snapshot* snapshot, Instant now);
};

constexpr Route kRoutes[] = {
    {"/metrics", metrics},
    {"/", landing},
    {"/style.css", style},
    {"/icon.svg", icon},
    {"/api/v1/snapshot", snapshot},
    {"/-/healthy", healthy},
    {"/-/ready", ready},
};

HttpAnswer routed(const HttpRequest& request, const Snapshot* snapshot, Instant now) {
    const auto* route = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                     [&](const Route& each) { return each.path == request.path; });
    if (route == std::end(kRoutes)) {
        return respond(404, kText, "not found: try / or /metrics\n");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        HttpAnswer refused = respond(405, kText, "only GET and HEAD\n");
        refused.headers.emplace_back("Allow", "GET, HEAD");
        return refused;
    }
    return route->respond(snapshot, now);
}

}  // namespace

HttpAnswer answer(const HttpRequest& request, const Snapshot* snapshot, Instant now) {
    HttpAnswer result = routed(request, snapshot, now);
    result.headers.emplace_back("Vary", "Accept-Encoding");
    if (result.body.size() >= kWorthCompressing && accepts_gzip(request.accept_encoding)) {
        result.body = gzip(result.body);
        result.headers.emplace_back("Content-Encoding", "gzip");
    }
    return secured(std::move(result));
}

HttpAnswer unauthorized() {
    HttpAnswer result = respond(401, kText, "a name and a password are needed\n");
    result.headers.emplace_back("WWW-Authenticate", R"(Basic realm="halfclosed", charset="UTF-8")");
    return secured(std::move(result));
}

HttpAnswer too_many_at_once() {
    HttpAnswer result = unavailable("too many passwords to check at once");
    result.headers.emplace_back("Retry-After", "1");
    return secured(std::move(result));
}

}  // namespace halfclosed::exporters
