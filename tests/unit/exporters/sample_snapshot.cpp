#include "exporters/sample_snapshot.h"

#include <arpa/inet.h>

#include <stdexcept>

namespace halfclosed::exporters {

namespace {

using namespace std::chrono_literals;
using tracking::Cause;
using tracking::Custody;
using tracking::Evidence;
using tracking::Side;

Census quiet_census() {
    Census census;
    census.socket_counts = tracking::SocketCounts(2);
    census.socket_counts.add({0, 9999, Side::server}, TcpState::listen, Custody::process);
    census.accept_queues = {{32, 128, 0.25}, {0, 0, 0}};
    census.unwatched.counts = {0, 4, 8, 0, 0};
    census.reconciliation = tracking::Reconciliation{};
    (*census.reconciliation)[tracking::Count::inuse] = {.counted = 26, .kernel = 26};
    (*census.reconciliation)[tracking::Count::inuse6] = {.counted = 9, .kernel = 9};
    (*census.reconciliation)[tracking::Count::orphan] = {.counted = 2, .kernel = 5, .elsewhere = 3};
    (*census.reconciliation)[tracking::Count::tw] = {.counted = 3, .kernel = 3};
    return census;
}

}  // namespace

Endpoint endpoint(const std::string& address, std::uint16_t port) {
    Endpoint result;
    const bool ipv6 = address.find(':') != std::string::npos;
    result.address.family = ipv6 ? Family::ipv6 : Family::ipv4;
    result.port = port;
    if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(), result.address.bytes.data()) != 1) {
        throw std::invalid_argument(address);
    }
    return result;
}

tracking::TrackedSocket& add_socket(Snapshot& snapshot, const SampleSocket& sample) {
    tracking::TrackedSocket socket;
    socket.record.cookie = sample.cookie;
    socket.record.state = sample.state;
    const bool server = sample.side == Side::server;
    const auto other = static_cast<std::uint16_t>(40000 + static_cast<unsigned>(sample.cookie));
    socket.record.local = endpoint("127.0.0.1", server ? 9999 : other);
    socket.record.remote = endpoint("127.0.0.1", server ? other : 9999);
    if (sample.custody == Custody::timewait) {
        socket.record.timer = {Timer::Kind::timewait, 0, 48s};
    } else {
        socket.record.uid = 1000;
        socket.record.inode = sample.custody == Custody::process ? 4711 : 0;
        socket.record.cgroup_id = 77;
    }
    socket.record.recv_queue = sample.cause == Cause::unread ? 27 : 0;
    socket.watched = {sample.label, 9999, sample.side};
    socket.custody = sample.custody;
    socket.cause = sample.cause;
    socket.since = snapshot.instant - sample.age;
    socket.dated = sample.dated;
    socket.last_seen = snapshot.instant;
    snapshot.closing->add(socket.watched, sample.state, sample.custody);
    return snapshot.sockets.emplace_back(socket);
}

Snapshot quiet_report() {
    Snapshot snapshot;
    snapshot.build = {"0.1.0", "abc1234"};
    snapshot.time = kWallTime;
    snapshot.instant = kNow;
    snapshot.port_labels = {"9999", "8000-8999"};
    snapshot.closing = tracking::SocketCounts(2);
    snapshot.census = quiet_census();
    snapshot.counters = tracking::EventCounters(2);
    snapshot.kernel.sockstat = Sockstat{19, 26, 9, 5, 3, 40, 7};
    snapshot.kernel.events = {{"TCPAbortOnData", 1},
                              {"TCPAbortOnClose", 2},
                              {"TCPAbortOnTimeout", 3},
                              {"TCPAbortOnMemory", 4},
                              {"TCPTimeWaitOverflow", 5},
                              {"TW", 6},
                              {"TWKilled", 7},
                              {"OutRsts", 8},
                              {"EstabResets", 9},
                              {"ListenOverflows", 11},
                              {"ListenDrops", 12},
                              {"ActiveOpens", 10}};
    snapshot.kernel.sysctls.max_orphans = 131072;
    snapshot.kernel.sysctls.max_tw_buckets = 262144;
    snapshot.kernel.sysctls.fin_timeout = 60s;
    snapshot.process = {1.25, 8388608, 268435456, 12, 1024, 1769999990.5};
    for (const char* name : {"closing", "census", "sockstat"}) {
        snapshot.collectors.push_back({.name = name,
                                       .success = true,
                                       .duration = 1500us,
                                       .interval = 1s,
                                       .wanted_interval = 1s,
                                       .last_success = kWallTime});
    }
    snapshot.dump_failures = {{"kernel_error", 0}, {"timeout", 0}};
    snapshot.scenarios = {{"close-at-once", {}}, {"late-close", {}}};
    return snapshot;
}

Snapshot busy_report() {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.cookie = Cookie{0x5f3a}, .cause = Cause::not_closed, .age = 252s});
    add_socket(snapshot, {.cookie = Cookie{2},
                          .cause = Cause::unread,
                          .age = 90s,
                          .dated = tracking::Age::Kind::at_least});
    add_socket(snapshot, {.cookie = Cookie{3},
                          .custody = Custody::accept_queue,
                          .cause = Cause::not_accepted,
                          .age = 3s});
    add_socket(snapshot, {.cookie = Cookie{4},
                          .state = TcpState::fin_wait2,
                          .custody = Custody::timewait,
                          .age = 12s,
                          .dated = tracking::Age::Kind::estimated});
    add_socket(snapshot, {.cookie = Cookie{5},
                          .state = TcpState::last_ack,
                          .custody = Custody::orphan,
                          .side = Side::client,
                          .age = 40ms});
    Owner& owner = snapshot.owners[Cookie{0x5f3a}];
    owner.name = "leaky.service";
    owner.unit = "leaky.service";
    owner.cgroup = "/system.slice/leaky.service";
    owner.processes = {{812, "leaky", 7}};
    snapshot.descriptors["leaky.service"] = {812, 116, 128};
    snapshot.counters.transitions[{0, Side::server, TcpState::established, TcpState::close_wait,
                                   Evidence::implied}] = 3;
    snapshot.counters.durations[{0, Side::server, TcpState::close_wait}].observe(0.25);
    snapshot.counters.durations[{0, Side::server, TcpState::close_wait}].observe(42);
    snapshot.counters.durations[{0, Side::server, TcpState::close_wait}].observe(100000);
    snapshot.counters.fin_wait2_ended[{0, Side::server, tracking::FinWait2End::expired}] = 2;
    snapshot.exact = true;
    snapshot.counters.count_exactly(true);
    snapshot.counters.resets[{0, Side::server, {ResetReason::timewait_socket}}] = 2;
    snapshot.census->conservation = tracking::Conserved{5, 5, true, true};
    snapshot.dump_failures["timeout"] = 1;
    snapshot.scenarios["late-close"] = {4, 1, kWallTime};
    snapshot.config = ConfigReload{true, kWallTime};
    snapshot.self_test = SelfTest{5min, kWallTime};
    snapshot.cpu = CpuTimes{4s, 2s, 1s, 500ms, 250ms, 3s};
    snapshot.history = HistoryHealth{1200, 3, 1, 2097152};
    return snapshot;
}

Snapshot crowded_report() {
    Snapshot snapshot = quiet_report();
    snapshot.sockets.reserve(2'000);
    for (unsigned i = 0; i < 2'000; ++i) {
        const bool shop = i < 1'800;
        const bool container = !shop && i < 1'900;
        tracking::TrackedSocket& socket = add_socket(
            snapshot,
            {.cookie = Cookie{i + 1},
             .state = shop || container ? TcpState::close_wait : TcpState::fin_wait2,
             .custody = shop || container ? Custody::process : Custody::timewait,
             .cause = shop || container ? std::optional(shop ? Cause::not_closed : Cause::unread)
                                        : std::nullopt,
             .age = shop ? 61s + i * 2s : 70s});
        socket.record.remote.port = static_cast<std::uint16_t>(20'000 + i);
        if (shop || container) {
            Owner& owner = snapshot.owners[socket.record.cookie];
            owner.name = shop ? "shop.service" : "docker:3f4e5d6c7b8a/nginx.service";
            owner.unit = shop ? "shop.service" : "nginx.service";
            owner.processes = {{shop ? 812 : 900, shop ? "shop" : "nginx", 7}};
        }
    }
    snapshot.descriptors["shop.service"] = {812, 1'800, 2'048};
    return snapshot;
}

}  // namespace halfclosed::exporters
