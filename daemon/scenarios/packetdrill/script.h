#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/packetdrill/segment.h"

namespace halfclosed::scenarios::packetdrill {

/// Of a script's clock, which begins with its first event.
using ScriptTime = std::chrono::microseconds;

/// When an event is due, or may come.
struct When {
    bool any = false;       ///< "*": whenever it comes
    bool relative = false;  ///< "+0.1": to the event before
    ScriptTime from{0};
    std::optional<ScriptTime> until;  ///< "0.1~0.2"; relative as `from` is

    bool operator==(const When&) const = default;
};

/// An argument of a call, as it is written: names are looked up by who makes the call.
struct Value {
    enum class Kind : std::uint8_t { any, number, names, text, list, structure };

    Kind kind = Kind::any;           ///< any: "..."
    std::int64_t number = 0;         ///< also of a member's value
    std::vector<std::string> names;  ///< "O_RDWR|O_NONBLOCK"; of a structure: its members
    std::string text;                ///< of a quoted string
    std::vector<Value> items;        ///< of a list, and the values of a structure's members

    bool operator==(const Value&) const = default;
};

/// "accept(3, ..., ...) = 4": a system call, and what it must return.
struct Call {
    std::string name;
    std::vector<Value> arguments;
    std::optional<std::int64_t> result;  ///< nothing: "?", whatever it returns
    std::string error;                   ///< "EPIPE" with -1; empty: none
    /// "+0...0.2": it blocks, and returns then; counted as the event's own time is. Nothing: it returns at once.
    std::optional<ScriptTime> returns;

    bool operator==(const Call&) const = default;
};

/// A segment of the peer's that is put into the network.
struct Injected {
    Segment segment;
    bool operator==(const Injected&) const = default;
};

/// A segment that the kernel must send.
struct Expected {
    Segment segment;
    bool operator==(const Expected&) const = default;
};

/// "`sysctl -q net.ipv4.tcp_sack=1`": what a shell was to run.
struct Command {
    std::string text;
    bool operator==(const Command&) const = default;
};

/// "%{ assert tcpi_state == TCP_CLOSE_WAIT }%".
struct Code {
    std::string text;
    bool operator==(const Code&) const = default;
};

struct Event {
    std::size_t line = 0;
    When when;
    std::variant<Call, Injected, Expected, Command, Code> what;

    bool operator==(const Event&) const = default;
};

struct Script {
    std::map<std::string, std::string> options;  ///< "--ip_version=ipv6" by name: "ip_version"
    std::vector<std::string> setup;              ///< commands before the first event
    std::vector<Event> events;
    std::vector<std::string> lines;  ///< the text, for verdicts; line 1 is the first

    /// Without blanks around it and without a comment; empty if there is no such line.
    std::string line(std::size_t number) const;
};

/// What is wrong with a script. what() is "FILE: line N: …".
class ScriptError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// A part of the language, or of an operating system, that is not played here.
class NotSupportedError : public std::runtime_error {
 public:
    NotSupportedError(std::size_t line, const std::string& what)
        : std::runtime_error(what), line_(line) {}
    std::size_t line() const { return line_; }

 private:
    std::size_t line_;
};

}  // namespace halfclosed::scenarios::packetdrill
