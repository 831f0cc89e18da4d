#include "exporters/http/routes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exporters/http/content_policy.h"
#include "exporters/json/live_json.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/sample_snapshot.h"
#include "exporters/web/page_assets.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

std::string header(const http::Answer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
        if (key == name) {
            return value;
        }
    }
    return "none";
}

http::Request request(const std::string& method, const std::string& path,
                      const std::string& encoding = "") {
    return {method, path, {}, {{"accept-encoding", encoding}}, {}};
}

http::Answer get(const std::string& path, const Snapshot* snapshot) {
    return answer(request("GET", path), snapshot, kNow);
}

TEST(HttpAnswer, MetricsPage) {
    const Snapshot snapshot = busy_report();
    const http::Answer page = get("/metrics", &snapshot);
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(header(page, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(page.body().find("\nhalfclosed_sockets{"), std::string::npos);
    EXPECT_NE(page.body().find("\nprocess_open_fds "), std::string::npos);
}

TEST(HttpAnswer, TheOtherPaths) {
    const Snapshot snapshot = busy_report();
    EXPECT_EQ(header(get("/", &snapshot), "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(get("/style.css", &snapshot).body(), kStyleSheet);
    EXPECT_EQ(header(get("/style.css", &snapshot), "Content-Type"), "text/css; charset=utf-8");
    EXPECT_EQ(header(get("/icon.svg", &snapshot), "Content-Type"), "image/svg+xml");
    EXPECT_EQ(get("/api/v1/snapshot", &snapshot).body(), snapshot_json(snapshot));
    EXPECT_EQ(header(get("/api/v1/snapshot", &snapshot), "Content-Type"), "application/json");
    EXPECT_EQ(get("/live.js", &snapshot).body(), kScript);
    EXPECT_EQ(header(get("/live.js", &snapshot), "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(get("/api/v1/live", &snapshot).body(), live_json(snapshot, kNow));
    EXPECT_EQ(get("/-/healthy", &snapshot).status, 200U);
    EXPECT_EQ(get("/-/ready", &snapshot).status, 200U);
}

TEST(HttpAnswer, TheSnapshotTakesFiltersAndNothingElse) {
    const Snapshot snapshot = busy_report();
    const auto asked = [&](const std::string& key, const std::string& value) {
        http::Request wanted = request("GET", "/api/v1/snapshot");
        wanted.query = {{key, value}};
        return answer(wanted, &snapshot, kNow);
    };
    const http::Answer some = asked("state", "close%5fwait");
    EXPECT_EQ(some.body(), snapshot_json(snapshot, {.filter = {.states = {TcpState::close_wait}}}));
    EXPECT_NE(some.body(), snapshot_json(snapshot));
    EXPECT_EQ(some.body().find("fin_wait"), std::string::npos);
    for (const auto& [key, value] : {std::pair{"stat", "close_wait"},
                                     {"state", "open"},
                                     {"older-than", "5"},
                                     {"owner", "%4"},
                                     {"", ""}}) {
        EXPECT_EQ(asked(key, value).status, 400U) << key;
    }
}

// As Prometheus' client libraries have it.
TEST(HttpAnswer, TheMetricsTakeNamesOfFamiliesAndNothingElse) {
    const Snapshot snapshot = busy_report();
    const auto asked = [&](const std::string& key, const std::string& value) {
        http::Request wanted = request("GET", "/metrics");
        wanted.query = {{key, value}};
        return answer(wanted, &snapshot, kNow);
    };
    const http::Answer some = asked("name%5B%5D", "halfclosed_sockets,process_open_fds");
    EXPECT_EQ(some.status, 200U);
    EXPECT_NE(some.body().find("\nhalfclosed_sockets{"), std::string::npos);
    EXPECT_NE(some.body().find("\nprocess_open_fds "), std::string::npos);
    EXPECT_EQ(some.body().find("\nhalfclosed_collector"), std::string::npos);
    for (const char* const name :
         {"halfclosed_transitions_total", "halfclosed_transitions",
          "halfclosed_state_duration_seconds", "halfclosed_state_duration_seconds_bucket"}) {
        EXPECT_NE(asked("name[]", name).body().find(name), std::string::npos) << name;
        EXPECT_EQ(asked("name[]", name).body().find("halfclosed_sockets"), std::string::npos);
    }
    EXPECT_EQ(asked("name[]", "halfclosed_sockets_bucket").body(), "");
    for (const auto& [key, value] : {std::pair{"names", "halfclosed_sockets"},
                                     {"name", "halfclosed_sockets"},
                                     {"name[]", ""},
                                     {"name[]", "halfclosed_sockets,"},
                                     {"name[]", "halfclosed-sockets"},
                                     {"name[]", "%4"},
                                     {"", ""}}) {
        EXPECT_EQ(asked(key, value).status, 400U) << key << "=" << value;
    }
}

TEST(HttpAnswer, WhatThePageFollowsTakesNoParameters) {
    const Snapshot snapshot = busy_report();
    http::Request wanted = request("GET", "/api/v1/live");
    wanted.query = {{"state", "close_wait"}};
    EXPECT_EQ(answer(wanted, &snapshot, kNow).status, 400U);
}

TEST(HttpAnswer, TheRunbookHasASectionForEachAlert) {
    const http::Answer page = get("/runbook", nullptr);
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
    for (const char* section :
         {"closewaitleak", "descriptorsrunningout", "deadsockets", "halfclosedblind"}) {
        EXPECT_NE(page.body().find(std::string("<h2 id=\"") + section + "\">"), std::string::npos)
            << section;
    }
    EXPECT_EQ(page.body().find("](#"), std::string::npos) << "a link that was not made";
    EXPECT_EQ(page.body().find("**"), std::string::npos);
}

TEST(HttpAnswer, BeforeTheFirstReportThereIsNoAnswer) {
    for (const char* path : {"/metrics", "/", "/api/v1/live", "/api/v1/snapshot", "/-/ready"}) {
        EXPECT_EQ(get(path, nullptr).status, 503U) << path;
        EXPECT_NE(get(path, nullptr).body().find("first poll"), std::string::npos) << path;
    }
    EXPECT_EQ(get("/-/healthy", nullptr).status, 200U);
    EXPECT_EQ(get("/style.css", nullptr).status, 200U);
}

TEST(HttpAnswer, ABlindDaemonIsNotReadyButServesItsMetrics) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.sockets.clear();
    EXPECT_EQ(get("/-/ready", &snapshot).status, 503U);
    EXPECT_EQ(get("/api/v1/snapshot", &snapshot).status, 503U);
    EXPECT_EQ(get("/metrics", &snapshot).status, 200U);
    EXPECT_EQ(get("/", &snapshot).status, 200U);
    EXPECT_EQ(get("/api/v1/live", &snapshot).status, 200U) << "the page says since when";
}

TEST(HttpAnswer, AnOldReportIsNotReady) {
    const Snapshot snapshot = busy_report();
    const auto later = kNow + 61s;
    const http::Answer ready = answer(request("GET", "/-/ready"), &snapshot, later);
    EXPECT_EQ(ready.status, 503U);
    EXPECT_EQ(ready.body(), "halfclosed is not ready: the last poll was 1m01s ago\n");
    EXPECT_EQ(answer(request("GET", "/api/v1/snapshot"), &snapshot, later).status, 503U);
    EXPECT_EQ(answer(request("GET", "/metrics"), &snapshot, later).status, 200U);
}

TEST(HttpAnswer, PathsMatchExactly) {
    const Snapshot snapshot = busy_report();
    for (const char* path : {"/metricsx", "/metrics/", "/Metrics", "metrics", "", "//metrics",
                             "/%6detrics", "/metrics%00", "/../metrics", "/..%2f..%2fetc/passwd",
                             "/api/v1", "/-/", "/style.css/x"}) {
        EXPECT_EQ(get(path, &snapshot).status, 404U) << path;
    }
}

TEST(HttpAnswer, OnlyGetAndHead) {
    const Snapshot snapshot = busy_report();
    EXPECT_EQ(answer(request("HEAD", "/metrics"), &snapshot, kNow).status, 200U);
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "", "PRI"}) {
        const http::Answer refused = answer(request(method, "/metrics"), &snapshot, kNow);
        EXPECT_EQ(refused.status, 405U) << method;
        EXPECT_EQ(header(refused, "Allow"), "GET, HEAD") << method;
    }
    EXPECT_EQ(answer(request("POST", "/nowhere"), &snapshot, kNow).status, 404U);
}

TEST(HttpAnswer, EveryAnswerHasTheSecurityHeaders) {
    const Snapshot snapshot = busy_report();
    for (const char* path : {"/metrics", "/runbook", "/nowhere", "/-/ready"}) {
        for (const Snapshot* given : {&snapshot, static_cast<const Snapshot*>(nullptr)}) {
            const http::Answer page = get(path, given);
            EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
            EXPECT_EQ(header(page, "Content-Security-Policy"), "default-src 'self'");
            EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
            EXPECT_EQ(header(page, "Cache-Control"), "no-store");
            EXPECT_EQ(header(page, "Server"), "none");
        }
    }
}

TEST(HttpAnswer, ThePageMayHaveItsOwnStyleSheetWithinAndNothingElse) {
    const Snapshot snapshot = busy_report();
    const http::Answer page = get("/", &snapshot);
    const std::size_t begin = page.body().find("<style>") + std::string("<style>").size();
    const std::string style = page.body().substr(begin, page.body().find("</style>") - begin);
    EXPECT_EQ(header(page, "Content-Security-Policy"), content_policy_with_style(style));
    EXPECT_EQ(
        std::count_if(page.headers.begin(), page.headers.end(),
                      [](const auto& each) { return each.first == "Content-Security-Policy"; }),
        1);
    EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
    EXPECT_EQ(header(get("/", nullptr), "Content-Security-Policy"), "default-src 'self'");
}

TEST(HttpAnswer, CompressesWhenAskedAndWorthIt) {
    const Snapshot snapshot = busy_report();
    const http::Answer plain = get("/metrics", &snapshot);
    EXPECT_EQ(header(plain, "Content-Encoding"), "none");
    EXPECT_EQ(header(plain, "Vary"), "Accept, Accept-Encoding");
    const http::Answer packed = answer(request("GET", "/metrics", "gzip"), &snapshot, kNow);
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_LT(packed.body().size() * 5, plain.body().size());
    const http::Answer small = answer(request("GET", "/-/healthy", "gzip"), &snapshot, kNow);
    EXPECT_EQ(header(small, "Content-Encoding"), "none");
}

}  // namespace
}  // namespace halfclosed::exporters
