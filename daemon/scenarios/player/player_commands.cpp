#include <fmt/format.h>

#include <algorithm>

#include "posix/error.h"
#include "posix/file.h"
#include "scenarios/player/player.h"
#include "scenarios/player/script_failure.h"

namespace halfclosed::scenarios {

namespace {

/// A file of commands may run another.
constexpr unsigned kDeepest = 3;

}  // namespace

void Player::run_commands(const std::string& text, std::size_t line, unsigned depth) {
    for (const packetdrill::Action& action : packetdrill::interpret(text, line)) {
        if (const auto* const sysctl = std::get_if<packetdrill::SetSysctl>(&action)) {
            set_sysctl(*sysctl, line, depth > 0);
        } else if (const auto* const file = std::get_if<packetdrill::RunFile>(&action)) {
            run_file(file->path, line, depth + 1);
        } else if (const auto* const pause = std::get_if<packetdrill::Pause>(&action)) {
            wait_until(now() + pause->time);
        } else if (const auto* const counted = std::get_if<packetdrill::CountSockets>(&action)) {
            judge(line);
            if (judge_.count(counted->state) != counted->number) {
                throw ScriptFailure(
                    line, fmt::format("expected {} sockets in {}, we read {}", counted->number,
                                      name(counted->state), judge_.count(counted->state)));
            }
        }
    }
}

void Player::run_file(const std::string& path, std::size_t line, unsigned depth) {
    if (depth > kDeepest) {
        throw packetdrill::NotSupportedError(line, "files of commands so deep in each other");
    }
    std::string text;
    try {
        text = posix::read_file((settings_.directory / path).string());
    } catch (const posix::Error& error) {
        throw packetdrill::NotSupportedError(line, error.what());
    }
    run_commands(text, line, depth);
}

/// The defaults that a collection sets name sysctls that this kernel may not have, or have for the whole system: there a
/// shell goes on, and what the script then expects is judged all the same.
void Player::set_sysctl(const packetdrill::SetSysctl& sysctl, std::size_t line, bool optional) {
    std::string path = "/proc/sys/" + sysctl.name;
    std::replace(path.begin(), path.end(), '.', '/');
    try {
        posix::write_value(path, sysctl.value, sysctl.name + " = " + sysctl.value);
    } catch (const std::system_error& error) {
        if (!optional) {
            throw packetdrill::NotSupportedError(line, error.what());
        }
        result_.notes.emplace_back(error.what());
    }
}

}  // namespace halfclosed::scenarios
