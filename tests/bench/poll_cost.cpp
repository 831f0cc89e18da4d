// What a look costs, side by side in one run:
//
//     poll_cost ROUNDS [PORT[-PORT]] [--json FILE] [--program NAME COMMAND]... [--server NAME PID COMMAND]...
//
// in the network namespace that it is started in. Prints a table of medians; FILE gets every look. A program is started
// for each look, a server runs already and is asked by its command; a command is split at spaces.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
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

/// A dump as a poll makes it, every record decoded and kept: without what else a poll reads, and what it makes of it.
Contender own_walk(const std::string& name, netlink::Session& session, const netlink::Query& query,
                   std::vector<SocketRecord>& records) {
    session.expect_mptcp(false);
    return own(name, [&session, query, &records] {
        records.clear();
        session.dump_with_mptcp(
            query, [&records](const SocketRecord& record) { records.push_back(record); });
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

struct Options {
    unsigned rounds = 1;
    PortRange ports{9999, 9999};
    std::string json;
    std::vector<Contender> others;
};

std::vector<std::string> words_of(const std::string& command) {
    std::istringstream stream(command);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

PortRange ports_of(const std::string& text) {
    const auto dash = text.find('-');
    const auto first = static_cast<std::uint16_t>(std::stoul(text));
    return {first, dash == std::string::npos
                       ? first
                       : static_cast<std::uint16_t>(std::stoul(text.substr(dash + 1)))};
}

Options options_of(const std::vector<std::string>& arguments) {
    Options options;
    options.rounds = static_cast<unsigned>(std::stoul(arguments.at(0)));
    std::size_t next = 1;
    if (next < arguments.size() && arguments[next].rfind("--", 0) != 0) {
        options.ports = ports_of(arguments[next++]);
    }
    while (next < arguments.size()) {
        const std::string& option = arguments[next++];
        if (option == "--json") {
            options.json = arguments.at(next++);
        } else if (option == "--program") {
            const std::string& name = arguments.at(next++);
            options.others.push_back(program(name, words_of(arguments.at(next++))));
        } else if (option == "--server") {
            const std::string& name = arguments.at(next++);
            const auto process = static_cast<pid_t>(std::stol(arguments.at(next++)));
            options.others.push_back(server(name, process, words_of(arguments.at(next++))));
        } else {
            throw std::invalid_argument("unknown option " + option);
        }
    }
    return options;
}

void write_looks(const std::string& file, const std::vector<Contender>& contenders) {
    nlohmann::json looks;
    for (const Contender& contender : contenders) {
        for (const Cost& cost : contender.costs) {
            looks[contender.name]["cpu_ms"].push_back(cost.cpu);
            looks[contender.name]["wall_ms"].push_back(cost.wall);
        }
    }
    std::ofstream(file) << looks.dump(1) << '\n';
}

void measure(const Options& options) {
    const unsigned rounds = options.rounds;
    const std::vector<PortRange> ports{options.ports};
    const netlink::Query closing{kHalfClosedStates, ports};
    const netlink::Query everything{kAllStates, {}};
    netlink::Session session;
    std::printf("%s sockets, %s of them half-closed on port %u; medians of %u rounds\n\n",
                sockets_of(session, everything).c_str(), sockets_of(session, closing).c_str(),
                options.ports.first, rounds);

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

    netlink::Session own_session;
    std::vector<SocketRecord> records;
    std::vector<Contender> contenders{
        bare_dump("kernel alone, half-closed states, one walk (the floor)", session, closing,
                  Walk::both_at_once),
        bare_dump("kernel alone, half-closed states, a walk a family", session, closing,
                  Walk::one_family),
        own_walk("halfclosed, the walk of a closing poll", own_session, closing, records),
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
    contenders.insert(contenders.end(), options.others.begin(), options.others.end());
    compete(contenders, rounds);
    print(contenders, 0);
    if (!options.json.empty()) {
        write_looks(options.json, contenders);
    }
}

}  // namespace

}  // namespace halfclosed::bench

int main(int argc, char** argv) {
    try {
        halfclosed::bench::measure(
            halfclosed::bench::options_of(std::vector<std::string>(argv + 1, argv + argc)));
    } catch (const std::out_of_range&) {
        std::fprintf(
            stderr,
            "usage: poll_cost ROUNDS [PORT[-PORT]] [--json FILE] [--program NAME COMMAND]... "
            "[--server NAME PID COMMAND]...\n");
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "poll_cost: %s\n", error.what());
        return 1;
    }
}
