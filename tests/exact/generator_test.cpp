// Many connections of mixed kinds, as fast as this machine makes them, while another namespace makes its own: every counter
// equals the tally. HALFCLOSED_CONNECTIONS: how many, 5,000 if it is not set; HALFCLOSED_SEED: other dice.

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "ground/private_namespace.h"
#include "lacks.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

using ground::Network;
using tracking::Side;

constexpr std::size_t kBatch = 50;
/// Of tracking::closing_edges(): FIN-WAIT-2 to TIME-WAIT, and TIME-WAIT to CLOSE.
constexpr std::size_t kToTimeWait = 5;
constexpr std::size_t kFromTimeWait = 9;

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// A process in a namespace of its own that makes connections to the same port.
class Neighbour {
 public:
    Neighbour() : process_(fork()) {
        if (process_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            ground::enter_private_namespace();
            while (true) {
                Batch batch = make_batch(Network::ipv4, Side::server, 9999, 20);
                endings().front().bring_about(batch.connections);
            }
        }
    }
    ~Neighbour() {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;

 private:
    pid_t process_;
};

bool is_ours(std::uint16_t port) {
    return port >= 9999 && port <= 10'001;
}

/// What went into TIME-WAIT and has not left it.
std::uint64_t in_time_wait(const ExactTotals& totals) {
    std::uint64_t there = 0;
    for (const auto& [key, counts] : totals) {
        there += counts.edges[kToTimeWait] - counts.edges[kFromTimeWait];
    }
    return there;
}

TEST(Generator, EveryCounterEqualsTheTally) {
    exact::Source source;
    const NamespaceId space = netlink::own_namespace();
    source.watch(space, {{9999, 10'001}});
    const Neighbour neighbour;
    const std::uint64_t wanted = number("HALFCLOSED_CONNECTIONS", 5'000);
    std::mt19937 dice(static_cast<std::mt19937::result_type>(number("HALFCLOSED_SEED", 7)));
    ExactTotals expected;
    std::uint64_t made = 0;
    const auto began = std::chrono::steady_clock::now();
    while (made < wanted) {
        // What expires takes more than a second: seldom.
        const Ending& ending =
            dice() % 200 == 0 ? endings()[5] : endings()[(dice() % 6 + 6) % endings().size()];
        const Network network = ground::kNetworks[dice() % 3];
        const Side first = tracking::kSides[dice() % 2];
        const auto port = static_cast<std::uint16_t>(9999 + dice() % 3);
        Batch batch = make_batch(network, first, port, kBatch);
        ending.bring_about(batch.connections);
        expected += tally(ending, first, kBatch, port, space);
        made += kBatch;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    RecordProperty("connections_per_second",
                   static_cast<int>(static_cast<double>(made) / took.count()));
    std::printf("%llu connections in %.1f s\n", static_cast<unsigned long long>(made),
                took.count());
    expected = as_told(source, expected);
    EXPECT_TRUE(eventually([&] {
        ask_for_untold_steps(source);
        return source.sockets().empty();
    }));
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    const ExactTotals totals = without_zeros(source.read());
    // How many TIME-WAITs made room for a new connection with the same ports only the kernel knows; see below.
    for (const auto& [key, counts] : totals) {
        expected[key].edges[kFromTimeWait] = counts.edges[kFromTimeWait];
    }
    EXPECT_EQ(totals, without_zeros(expected));
    EXPECT_TRUE(source.sockets().empty());
    EXPECT_FALSE(source.overflowed());

    // What is in TIME-WAIT now is what went there. Of a run of more than a minute some end while they are looked for.
    // Other cases of this process have left TIME-WAITs of other ports.
    const auto there = ground::look({TcpState::time_wait});
    const auto found = static_cast<std::size_t>(
        std::count_if(there.begin(), there.end(), [](const SocketRecord& record) {
            return is_ours(record.local.port) || is_ours(record.remote.port);
        }));
    EXPECT_LE(found, in_time_wait(totals));
    EXPECT_GE(found, in_time_wait(source.read()));
}

}  // namespace

}  // namespace halfclosed
