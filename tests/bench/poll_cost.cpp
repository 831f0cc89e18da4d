// What a look costs, side by side in one run:
//
//     poll_cost ROUNDS [PORT]
//
// in the network namespace that it is started in. Prints a table of medians.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "contender.h"
#include "netlink/session.h"
#include "observer/observer.h"
#include "posix/error.h"
#include "records/tcp_state.h"

namespace halfclosed::bench {

namespace {

using netlink::Walk;

/// A dump that nobody looks at: the kernel's share.
Contender bare_dump(const std::string& name, netlink::Session& session, const netlink::Query& query,
                    Walk walk) {
    return own(name, [&session, query, walk] {
        session.use(walk);
        session.dump_raw(query, [](std::span<const std::byte>) {});
    });
}

std::string sockets_of(netlink::Session& session, const netlink::Query& query) {
    std::size_t count = 0;
    session.dump_raw(query, [&count](std::span<const std::byte>) { ++count; });
    return std::to_string(count);
}

void print(const std::vector<Contender>& contenders, std::size_t floor) {
    const double least = contenders[floor].median().cpu;
    std::printf("%-58s %10s %10s %8s\n", "a look", "CPU ms", "wall ms", "x floor");
    for (const Contender& contender : contenders) {
        const Cost cost = contender.median();
        std::printf("%-58s %10.2f %10.2f %8.2f\n", contender.name.c_str(), cost.cpu, cost.wall,
                    cost.cpu / least);
    }
}

/// Where it may. A poll walks until a census has proven that every half-closed socket is known.
bool count_exactly(Observer& observer) {
    try {
        observer.count_exactly(exact::Source{});
    } catch (const posix::Error& error) {
        std::printf("without exact counts: %s\n", error.what());
        return false;
    }
    for (int i = 0; i < 2; ++i) {
        observer.take_census();
        observer.poll();
    }
    return true;
}

void measure(unsigned rounds, std::uint16_t port) {
    const std::vector<PortRange> ports{{port, port}};
    const netlink::Query closing{kHalfClosedStates, ports};
    const netlink::Query everything{kAllStates, {}};
    netlink::Session session;
    std::printf("%s sockets, %s of them half-closed on port %u; medians of %u rounds\n\n",
                sockets_of(session, everything).c_str(), sockets_of(session, closing).c_str(), port,
                rounds);

    Observer::Settings settings;
    settings.ports = ports;
    Observer observer(settings);
    // The first look dates each old socket; that is not what a poll costs.
    for (int i = 0; i < 10; ++i) {
        observer.poll();
    }
    observer.take_census();
    if (!observer.complete()) {
        throw std::runtime_error("the kernel does not answer");
    }
    Observer counted(settings);
    const bool exact = count_exactly(counted);

    std::vector<Contender> contenders{
        bare_dump("kernel alone, half-closed states, one walk (the floor)", session, closing,
                  Walk::both_at_once),
        bare_dump("kernel alone, half-closed states, a walk a family", session, closing,
                  Walk::one_family),
        own("halfclosed, closing poll", [&observer] { observer.poll(); }),
        program("ss -tan state close-wait", {"ss", "-tan", "state", "close-wait"}),
        bare_dump("kernel alone, every socket, one walk", session, everything, Walk::both_at_once),
        bare_dump("kernel alone, every socket, a walk a family", session, everything,
                  Walk::one_family),
        own("halfclosed, census", [&observer] { observer.take_census(); }),
        program("ss -tan", {"ss", "-tan"}),
    };
    if (exact) {
        contenders.push_back(own("halfclosed, closing poll where the kernel itself counts",
                                 [&counted] { counted.poll(); }));
    }
    compete(contenders, rounds);
    print(contenders, 0);
}

}  // namespace

}  // namespace halfclosed::bench

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        std::fprintf(stderr, "usage: poll_cost ROUNDS [PORT]\n");
        return 2;
    }
    try {
        const auto rounds = static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10));
        const auto port =
            static_cast<std::uint16_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 9999);
        halfclosed::bench::measure(rounds, port);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "poll_cost: %s\n", error.what());
        return 1;
    }
}
