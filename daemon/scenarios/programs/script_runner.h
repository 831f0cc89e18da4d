#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "posix/socket_address.h"
#include "scenarios/programs/call_log.h"
#include "scenarios/programs/script.h"

namespace halfclosed::programs {

/// Blocks every signal that the script waits for, so that one that comes early is not lost. To be called before anyone
/// can know of the program.
void hold_awaited_signals(const Script& script);

/// What a program does beside its script.
struct ScriptHooks {
    std::function<void(int connection)> connected = [](int) {};
    std::function<void(std::string_view text)> received = [](std::string_view) {};
    /// Whether a connect or read that fails ends the script, with EXIT_FAILURE. If not, it is part of the scenario, and
    /// the next step follows.
    bool failure_ends = false;
};

/// Runs a script, and reports every call on the connection.
class ScriptRunner {
 public:
    /// For a server. `payload`: what is written, over and over, up to the length asked for.
    ScriptRunner(int listener, std::string payload, CallLog& log);

    /// For a client: connects to the first of `destinations` that answers. Throws std::system_error without a socket.
    ScriptRunner(std::vector<posix::SocketAddress> destinations, std::string payload, CallLog& log,
                 ScriptHooks hooks);

    /// Returns the exit status: what `exit` says, else 0.
    int run(const Script& script);

 private:
    bool perform(const Action& action);
    void accept_one();
    bool connect_to_one();
    bool read_once(bool& at_end);
    bool read_to_end();
    void write_bytes(std::uint64_t count);
    void close_connection();
    void set_minimum_hops(int fewest);
    template <typename Value>
    void set_option(int level, int option, const Value& value);

    int listener_ = -1;
    int socket_;  ///< the connection, if there is one
    std::vector<posix::SocketAddress> destinations_;
    std::string payload_;
    CallLog& log_;
    ScriptHooks hooks_;
};

}  // namespace halfclosed::programs
