#include "exporters/metrics/metrics_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "exporters/sample_snapshot.h"
#include "promtool.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Custody;
using tracking::Side;

/// The value behind `series`, as the page prints it.
std::optional<std::string> value_of(const std::string& page, const std::string& series) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(series + " ")) {
            return line.substr(series.size() + 1);
        }
    }
    return std::nullopt;
}

std::string page_of(const Snapshot& snapshot) {
    return metrics_page(snapshot, snapshot.instant);
}

/// The page is reviewed as a file. UPDATE_FIXTURES=1 writes it anew.
TEST(MetricsPage, EqualsTheReviewedPage) {
    const std::string path = std::string(HALFCLOSED_FIXTURES) + "/metrics/busy.prom";
    const std::string page = page_of(busy_report());
    if (std::getenv("UPDATE_FIXTURES") != nullptr) {
        std::ofstream(path) << page;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    const std::string reviewed{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(page, reviewed);
}

TEST(MetricsPage, PromtoolFindsNothing) {
    if (!promtool_installed()) {
        GTEST_SKIP() << "promtool is not installed";
    }
    EXPECT_EQ(promtool_check_metrics(page_of(busy_report())), "");
    EXPECT_EQ(promtool_check_metrics(page_of(quiet_report())), "");
}

TEST(MetricsPage, PromtoolWouldFindSomething) {
    if (!promtool_installed()) {
        GTEST_SKIP() << "promtool is not installed";
    }
    EXPECT_NE(promtool_check_metrics("halfclosed_things_total{ 1\n"), "");
}

TEST(MetricsPage, NamesAndHelpTextsKeepTheRules) {
    const std::regex help_rule("# HELP ((halfclosed|process)_[a-z0-9_]+) [A-Z0-9a-z_][^\\\\]*\\.");
    std::istringstream lines(page_of(busy_report()));
    std::size_t metrics = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ")) {
            ++metrics;
            EXPECT_TRUE(std::regex_match(line, help_rule)) << line;
        } else if (line.starts_with("# TYPE ")) {
            const std::string name = line.substr(7, line.rfind(' ') - 7);
            EXPECT_EQ(line.ends_with(" counter"), name.ends_with("_total")) << line;
        }
    }
    EXPECT_GT(metrics, 30U);
}

TEST(MetricsPage, QuietPageHasEveryKindWithZero) {
    const std::string page = page_of(quiet_report());
    for (const std::string port : {"9999", "8000-8999"}) {
        for (const tracking::SocketKind& kind : tracking::possible_kinds()) {
            const std::string series = "halfclosed_sockets{port=\"" + port + "\",side=\"" +
                                       name(kind.side) + "\",state=\"" + name(kind.state) +
                                       "\",custody=\"" + name(kind.custody) + "\"}";
            const bool listener = port == "9999" && kind.state == TcpState::listen;
            EXPECT_EQ(value_of(page, series), listener ? "1" : "0") << series;
        }
    }
    EXPECT_EQ(value_of(page,
                       "halfclosed_oldest_socket_age_seconds{port=\"9999\",side=\"client\","
                       "state=\"close_wait\"}"),
              "0");
    EXPECT_EQ(value_of(page,
                       "halfclosed_close_wait_leaked_sockets{port=\"8000-8999\","
                       "side=\"server\",cause=\"not_accepted\",owner=\"unknown\"}"),
              "0");
    EXPECT_EQ(value_of(page,
                       "halfclosed_scenario_runs_total{scenario=\"late-close\","
                       "result=\"fail\"}"),
              "0");
}

TEST(MetricsPage, DescriptorsAreOfTheNamedOwners) {
    Snapshot snapshot = crowded_report();
    snapshot.descriptors["nobody.service"] = {1, 2, 3};
    const std::string page = page_of(snapshot);
    EXPECT_EQ(value_of(page, "halfclosed_owner_descriptors{owner=\"shop.service\"}"), "1800");
    EXPECT_EQ(value_of(page, "halfclosed_owner_descriptors_limit{owner=\"shop.service\"}"), "2048");
    EXPECT_EQ(value_of(page, "halfclosed_leak_oldest_age_seconds{owner=\"shop.service\"}"), "3659");
    EXPECT_EQ(value_of(page, "halfclosed_leak_oldest_age_seconds{owner=\"unknown\"}"), "0");
    // Leaks that are only counted are not mended, and their age is not known.
    Snapshot counted = quiet_report();
    counted.cgroup_owners[4711].name = "mail.service";
    counted.recent_leaks = {
        {"9999", tracking::Side::server, tracking::Cause::unread, "mail.service"}};
    counted.without_detail.leaks = {
        {{0, tracking::Side::server, tracking::Cause::unread, 4711}, 3}};
    EXPECT_EQ(page_of(counted).find("halfclosed_leak_oldest_age_seconds{owner=\"mail.service\"}"),
              std::string::npos);
    EXPECT_EQ(page.find("nobody.service"), std::string::npos) << "it has no leaks";
}

TEST(MetricsPage, OfOwnersWithoutANameTheOneNearestToItsLimitCounts) {
    Snapshot snapshot = quiet_report();
    for (unsigned i = 0; i < 100; ++i) {
        // Each of the first twenty has two leaks, each of the others one.
        const std::string owner = "unit" + std::to_string(i % 40 < 20 ? i % 20 : i) + ".service";
        add_socket(snapshot,
                   {.cookie = Cookie{i + 1}, .cause = tracking::Cause::unread, .age = 2min});
        snapshot.owners[Cookie{i + 1}].name = owner;
        snapshot.descriptors[owner] = {1, i, 100};
    }
    const std::string page = page_of(snapshot);
    EXPECT_EQ(value_of(page, "halfclosed_owner_descriptors{owner=\"other\"}"), "79");
    std::size_t series = 0;
    for (std::size_t at = page.find("\nhalfclosed_owner_descriptors{"); at != std::string::npos;
         at = page.find("\nhalfclosed_owner_descriptors{", at + 1)) {
        ++series;
    }
    EXPECT_EQ(series, 21U);
}

TEST(MetricsPage, AMendedLeakHasNoAge) {
    Snapshot snapshot = quiet_report();
    snapshot.recent_leaks = {{"9999", Side::server, tracking::Cause::unread, "shop.service"}};
    EXPECT_EQ(
        value_of(page_of(snapshot), "halfclosed_leak_oldest_age_seconds{owner=\"shop.service\"}"),
        "0");
}

TEST(MetricsPage, ShowsAKindThatShouldNotOccur) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.state = TcpState::closing, .custody = Custody::accept_queue});
    EXPECT_EQ(value_of(page_of(snapshot),
                       "halfclosed_sockets{port=\"9999\",side=\"server\","
                       "state=\"closing\",custody=\"accept_queue\"}"),
              "1");
}

TEST(MetricsPage, FailedClosingPollTakesItsGaugesAlong) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.sockets.clear();
    snapshot.collectors[0].success = false;
    const std::string page = page_of(snapshot);
    EXPECT_EQ(page.find("state=\"close_wait\",custody"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_oldest_socket_age_seconds"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_close_wait_leaked_sockets"), std::string::npos);
    EXPECT_EQ(value_of(page, "halfclosed_collector_success{collector=\"closing\"}"), "0");
    // The census was well.
    EXPECT_EQ(value_of(page,
                       "halfclosed_sockets{port=\"9999\",side=\"server\",state=\"listen\","
                       "custody=\"process\"}"),
              "1");
    EXPECT_EQ(value_of(page, "halfclosed_collector_success{collector=\"census\"}"), "1");
}

TEST(MetricsPage, FailedCensusTakesItsGaugesAlong) {
    Snapshot snapshot = busy_report();
    snapshot.census.reset();
    snapshot.collectors[1].success = false;
    const std::string page = page_of(snapshot);
    for (const char* absent : {"state=\"listen\"", "state=\"time_wait\",custody",
                               "halfclosed_accept_queue", "halfclosed_reconciliation"}) {
        EXPECT_EQ(page.find(absent), std::string::npos) << absent;
    }
    EXPECT_EQ(value_of(page,
                       "halfclosed_sockets{port=\"9999\",side=\"server\","
                       "state=\"close_wait\",custody=\"process\"}"),
              "2");
}

TEST(MetricsPage, BlindPageKeepsItsCounters) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.sockets.clear();
    snapshot.census.reset();
    snapshot.kernel = {};
    for (CollectorHealth& collector : snapshot.collectors) {
        collector.success = false;
    }
    const std::string page = page_of(snapshot);
    EXPECT_EQ(page.find("halfclosed_sockets"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_sockstat"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_kernel_limit"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_kernel_events_total"), std::string::npos);
    EXPECT_EQ(value_of(page,
                       "halfclosed_transitions_total{port=\"9999\",side=\"server\","
                       "from=\"established\",to=\"close_wait\",evidence=\"implied\"}"),
              "3");
    EXPECT_EQ(value_of(page, "halfclosed_dump_failures_total{reason=\"timeout\"}"), "1");
    if (promtool_installed()) {
        EXPECT_EQ(promtool_check_metrics(page), "");
    }
}

TEST(MetricsPage, OldReportIsNotShownAsThePresent) {
    const Snapshot snapshot = busy_report();
    const std::string fresh = metrics_page(snapshot, snapshot.instant + snapshot.fresh_for);
    EXPECT_NE(fresh.find("halfclosed_sockets{"), std::string::npos);
    const std::string stale = metrics_page(snapshot, snapshot.instant + snapshot.fresh_for + 1ns);
    for (const char* absent : {"halfclosed_sockets", "halfclosed_sockstat", "halfclosed_accept",
                               "halfclosed_reconciliation", "halfclosed_kernel_limit",
                               "halfclosed_kernel_fin_timeout", "halfclosed_oldest"}) {
        EXPECT_EQ(stale.find(absent), std::string::npos) << absent;
    }
    for (const char* collector : {"closing", "census", "sockstat"}) {
        EXPECT_EQ(value_of(stale, "halfclosed_collector_success{collector=\"" +
                                      std::string(collector) + "\"}"),
                  "0");
    }
    EXPECT_EQ(value_of(stale, "halfclosed_kernel_events_total{event=\"OutRsts\"}"), "8");
    EXPECT_EQ(value_of(stale, "process_open_fds"), "12");
}

TEST(MetricsPage, ShowsOnlyTheContractsKernelEvents) {
    const std::string page = page_of(quiet_report());
    EXPECT_NE(page.find("event=\"OutRsts\""), std::string::npos);
    EXPECT_EQ(page.find("event=\"ActiveOpens\""), std::string::npos);
}

TEST(MetricsPage, LeavesOutWhatDoesNotExistHere) {
    Snapshot snapshot = quiet_report();
    snapshot.kernel.sockstat->inuse6.reset();
    snapshot.kernel.sysctls.max_orphans.reset();
    snapshot.process = {};
    const std::string page = metrics_page(snapshot, snapshot.instant);
    EXPECT_EQ(page.find("halfclosed_sockstat{field=\"inuse6\"}"), std::string::npos);
    EXPECT_EQ(page.find("limit=\"tcp_max_orphans\""), std::string::npos);
    EXPECT_NE(page.find("limit=\"tcp_max_tw_buckets\""), std::string::npos);
    EXPECT_EQ(page.find("process_"), std::string::npos);
    EXPECT_EQ(page.find("halfclosed_config"), std::string::npos);
}

/// Names of units and ports come from outside. Whatever their bytes, Prometheus must be able to read the page.
TEST(MetricsPage, AnyBytesAsLabelsLeaveAPageThatParses) {
    if (!promtool_installed()) {
        GTEST_SKIP() << "promtool is not installed";
    }
    std::mt19937 random(20260131);
    std::uniform_int_distribution<int> byte(0, 255);
    Snapshot snapshot = quiet_report();
    snapshot.scenarios.clear();
    const std::string awkward = "\"\\\n\t{},=#\x80\xC3\xED\xFF'";
    for (int i = 0; i < 10'000; ++i) {
        std::string name = std::to_string(i) + ":";
        for (int n = i % 17; n > 0; --n) {
            name += i % 2 == 0 ? static_cast<char>(byte(random))
                               : awkward[static_cast<std::size_t>(byte(random)) % awkward.size()];
        }
        snapshot.scenarios[name] = {};
    }
    EXPECT_EQ(promtool_check_metrics(page_of(snapshot)), "");
}

}  // namespace
}  // namespace halfclosed::exporters
