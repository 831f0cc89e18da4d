#include "exporters/metrics/essential.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exporters/metrics/metrics_page.h"
#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Cause;
using tracking::Custody;
using tracking::Evidence;
using tracking::Side;

std::size_t series(const std::string& page) {
    std::size_t count = 0;
    for (std::size_t start = 0; start < page.size();) {
        const std::size_t end = page.find('\n', start);
        count += page[start] != '#' ? 1 : 0;
        start = end + 1;
    }
    return count;
}

bool has_line(const std::string& page, const std::string& line) {
    return page.find("\n" + line + "\n") != std::string::npos;
}

/// So many ports, each with everything that a busy service's port has on its own side, and leaks of every cause, dead ones
/// too, of one owner.
Snapshot busy_ports(std::size_t ports) {
    Snapshot snapshot = quiet_report();
    snapshot.detail = Detail::essential;
    snapshot.port_labels.clear();
    for (std::size_t port = 0; port < ports; ++port) {
        snapshot.port_labels.push_back(std::to_string(8'000 + port));
    }
    snapshot.closing = tracking::SocketCounts(ports);
    snapshot.counters = tracking::EventCounters(ports);
    snapshot.census->socket_counts = tracking::SocketCounts(ports);
    snapshot.census->accept_queues.assign(ports, {32, 128, 0.25});
    snapshot.collectors.clear();
    for (const char* name :
         {"closing", "census", "sockstat", "events", "sysctls", "owners", "processes"}) {
        snapshot.collectors.push_back(
            {.name = name, .success = true, .interval = 1s, .last_success = kWallTime});
    }
    snapshot.scenarios = {{"late-close", {3, 1, kWallTime}}, {"close-at-once", {}}};
    snapshot.config = ConfigReload{true, kWallTime};
    snapshot.self_test = SelfTest{.interval = 15min, .last_run = kWallTime};
    unsigned cookie = 0;
    const auto add = [&](std::size_t port, TcpState state, Custody custody,
                         std::optional<Cause> cause) {
        tracking::TrackedSocket& socket = add_socket(snapshot, {.cookie = Cookie{++cookie},
                                                                .state = state,
                                                                .custody = custody,
                                                                .cause = cause,
                                                                .age = 5min,
                                                                .label = port});
        if (cause) {
            snapshot.owners[socket.record.cookie].name = "shop.service";
        }
    };
    for (std::size_t port = 0; port < ports; ++port) {
        add(port, TcpState::close_wait, Custody::process, Cause::unread);
        add(port, TcpState::close_wait, Custody::process, Cause::not_closed);
        add(port, TcpState::close_wait, Custody::accept_queue, Cause::not_accepted);
        add(port, TcpState::fin_wait1, Custody::orphan, {});
        add(port, TcpState::fin_wait2, Custody::timewait, {});
        add(port, TcpState::last_ack, Custody::orphan, {});
        add(port, TcpState::closing, Custody::orphan, {});
        snapshot.dead.push_back({snapshot.sockets.back(), kNow - 1min});
        snapshot.dead.back().socket.record.cookie = Cookie{++cookie};
        snapshot.owners[Cookie{cookie}].name = "shop.service";
        for (const TcpState to : {TcpState::fin_wait1, TcpState::close_wait}) {
            for (const Evidence evidence : {Evidence::seen, Evidence::implied}) {
                snapshot.counters
                    .transitions[{port, Side::server, TcpState::established, to, evidence}] = 3;
            }
        }
        for (const auto end : {tracking::FinWait2End::peer_closed, tracking::FinWait2End::expired,
                               tracking::FinWait2End::unknown}) {
            snapshot.counters.fin_wait2_ended[{port, Side::server, end}] = 4;
        }
        for (const auto end : {tracking::CloseWaitEnd::closed, tracking::CloseWaitEnd::unknown}) {
            snapshot.counters.close_wait_ended[{port, Side::server, end}] = 5;
        }
    }
    snapshot.descriptors["shop.service"] = {812, 100, 1024};
    return snapshot;
}

TEST(Essential, ABusyPortHasAtMostSixtySeries) {
    const std::string page = metrics_page(busy_ports(1), kNow);
    EXPECT_LE(series(page), kEssentialSeries) << page;
    EXPECT_GT(series(page), kEssentialSeries - 8) << "a bound that is far off says nothing";
}

TEST(Essential, FiftyBusyPortsHaveAtMostFifteenHundred) {
    constexpr std::size_t kPorts = 50;
    const std::size_t all = series(metrics_page(busy_ports(kPorts), kNow));
    EXPECT_LE(all, 1'500U);
    EXPECT_LE(all, kEssentialSeries + (kPorts - 1) * kEssentialSeriesOfAPort);
}

TEST(Essential, AQuietHostHasThirty) {
    Snapshot snapshot = busy_ports(1);
    snapshot.sockets.clear();
    snapshot.dead.clear();
    snapshot.closing = tracking::SocketCounts(1);
    snapshot.counters = tracking::EventCounters(1);
    snapshot.census->accept_queues = {{0, 128, 0}};
    EXPECT_LE(series(metrics_page(snapshot, kNow)), 32U) << metrics_page(snapshot, kNow);
}

TEST(Essential, LeavesOutWhatIsZeroAndWhatNoRuleReads) {
    Snapshot snapshot = busy_report();
    snapshot.detail = Detail::essential;
    const std::string page = metrics_page(snapshot, kNow);
    EXPECT_TRUE(
        has_line(page,
                 "halfclosed_close_wait_leaked_sockets{port=\"9999\",side=\"server\",cause=\"not_"
                 "closed\",owner=\"leaky.service\"} 1"));
    EXPECT_TRUE(
        has_line(page,
                 "halfclosed_close_wait_leaked_sockets{port=\"9999\",side=\"server\",cause=\"not_"
                 "closed\",owner=\"unknown\"} 0"))
        << "nothing leaks is said once a port";
    EXPECT_TRUE(has_line(page, "halfclosed_owner_descriptors{owner=\"leaky.service\"} 116"));
    EXPECT_TRUE(has_line(page, "halfclosed_sockstat{field=\"tw\"} 3"));
    EXPECT_TRUE(has_line(page, "halfclosed_reconciliation_agrees{field=\"tw\"} 1"));
    for (const char* absent :
         {"side=\"client\",state=\"closing\"", "halfclosed_state_duration_seconds",
          "halfclosed_sockstat{field=\"alloc\"}", "state=\"listen\"", "evidence=\"seen\"} 0",
          "halfclosed_collector_allowed", "halfclosed_dump_failures_total{reason=\"kernel_error\"}",
          "process_open_fds", "halfclosed_scenario_runs_total{scenario=\"close-at-once\""}) {
        EXPECT_EQ(page.find(absent), std::string::npos) << absent;
    }
}

TEST(Essential, ACollectorThatIsNotAllowedIsTold) {
    Snapshot snapshot = quiet_report();
    snapshot.detail = Detail::essential;
    snapshot.collectors[0].allowed = false;
    EXPECT_TRUE(has_line(metrics_page(snapshot, kNow),
                         "halfclosed_collector_allowed{collector=\"closing\"} 0"));
}

TEST(Essential, ABlindPageSaysSo) {
    Snapshot snapshot = busy_ports(1);
    snapshot.closing.reset();
    snapshot.sockets.clear();
    snapshot.collectors[0].success = false;
    const std::string page = metrics_page(snapshot, kNow);
    EXPECT_TRUE(has_line(page, "halfclosed_collector_success{collector=\"closing\"} 0"));
    EXPECT_EQ(page.find("halfclosed_close_wait_leaked_sockets"), std::string::npos);
}

TEST(Essential, FullIsAsItWas) {
    Snapshot snapshot = busy_report();
    EXPECT_GT(series(metrics_page(snapshot, kNow)), 200U);
}

}  // namespace
}  // namespace halfclosed::exporters
