#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::programs {

/// One step of a reference program's script.
struct Action {
    enum class Kind : std::uint8_t {
        accept,
        connect,
        read,             ///< once
        read_to_end,      ///< until read() returns 0 or fails
        write,            ///< `operand` bytes with one call; waits for room as write(2) does
        shut_down_write,  ///< the FIN goes out, the descriptor stays
        close,
        sleep,           ///< for `operand` milliseconds
        wait,            ///< for the signal `operand`; one that came before counts
        await_reset,     ///< until the peer has reset the connection, at most two seconds
        pause,           ///< until a signal ends the program
        receive_buffer,  ///< SO_RCVBUF is `operand` bytes
        linger,          ///< SO_LINGER is `operand` seconds; with 0 close() resets
        drop_incoming,   ///< every segment to this socket is lost, also when nobody holds it
        drop_nothing,    ///< and none any more
        exit,            ///< with status `operand`
    };
    Kind kind = Kind::pause;
    std::uint64_t operand = 0;

    bool operator==(const Action&) const = default;
};

using Script = std::vector<Action>;

/// Which program a script is for.
enum class Role : std::uint8_t {
    server,  ///< listens when the script begins
    client,
};

/// Reads one step of --do: "accept", "write 64KB", "sleep 100ms", "wait SIGUSR1". Nothing for text
/// that is not one.
std::optional<Action> parse_action(std::string_view text);

/// All steps, with their operands, as a list for a message.
std::string known_actions();

/// What cannot work in a script: a step on a connection before there is one, a second connection on top of the first, a
/// client that accepts. Empty if there is nothing.
std::string flaw_of(const Script& script, Role role);

}  // namespace halfclosed::programs
