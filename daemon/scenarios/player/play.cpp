#include "scenarios/player/play.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "posix/clock.h"
#include "posix/file.h"
#include "scenarios/packetdrill/assertion.h"
#include "scenarios/packetdrill/command.h"
#include "scenarios/packetdrill/result_json.h"
#include "scenarios/player/play_settings.h"
#include "scenarios/player/player.h"
#include "scenarios/run/lab.h"
#include "scenarios/run/namespace_policy.h"
#include "scenarios/run/private_network.h"
#include "scenarios/run/sandbox.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;
using packetdrill::NotSupportedError;
using packetdrill::Result;
using packetdrill::Script;

/// What a report begins with: a result, a refusal, another error.
constexpr char kResult = 'J';
constexpr char kRefusal = 'R';
constexpr char kError = 'E';

/// What a script may take beyond the times that it names: each segment may come late, and "*" waits.
constexpr std::chrono::seconds kGrace = 30s;

Result not_supported(const std::string& path, const NotSupportedError& error) {
    Result result;
    result.file = path;
    result.outcome = packetdrill::Outcome::not_supported;
    result.line = error.line();
    result.why = error.what();
    return result;
}

void check(const Script& script) {
    for (const std::string& commands : script.setup) {
        packetdrill::interpret(commands, 1);
    }
    for (const packetdrill::Event& event : script.events) {
        if (const auto* const call = std::get_if<packetdrill::Call>(&event.what)) {
            SocketCalls::check(*call, event.line);
        } else if (const auto* const command = std::get_if<packetdrill::Command>(&event.what)) {
            packetdrill::interpret(command->text, event.line);
        } else if (const auto* const code = std::get_if<packetdrill::Code>(&event.what)) {
            packetdrill::parse_assertions(code->text, event.line);
        }
    }
}

std::string play_inside(const Script& script, const PlaySettings& settings, bool& entered) {
    enter_private_network();
    entered = true;
    set_up_network({});
    std::unique_ptr<Player> player;
    try {
        player = std::make_unique<Player>(script, settings);
    } catch (const std::system_error& error) {
        return kRefusal + std::string("no script can be played without a TUN device: ") +
               error.what();
    }
    std::string report = kResult + packetdrill::to_json(player->play());
    // A call that blocks still may use what the player has: both end with this process.
    static_cast<void>(player.release());
    return report;
}

std::chrono::nanoseconds longest(const Script& script) {
    std::chrono::nanoseconds sum = kGrace;
    for (const packetdrill::Event& event : script.events) {
        sum += event.when.until.value_or(event.when.from);
    }
    return sum;
}

/// All that comes out of the pipe.
std::string read_report(int pipe, int stop, std::chrono::nanoseconds deadline) {
    std::string report;
    std::array<char, 4096> buffer{};
    while (true) {
        std::array<pollfd, 2> waiting{{{pipe, POLLIN, 0}, {stop, POLLIN, 0}}};
        poll(waiting.data(), stop < 0 ? 1 : 2, 100);
        if (stop >= 0 && waiting[1].revents != 0) {
            throw StoppedError();
        }
        if (waiting[0].revents != 0) {
            const auto taken = read(pipe, buffer.data(), buffer.size());
            if (taken <= 0) {
                return report;
            }
            report.append(buffer.data(), static_cast<std::size_t>(taken));
        } else if (posix::boot_clock_now() > deadline) {
            throw std::runtime_error("the script did not end in time");
        }
    }
}

}  // namespace

std::optional<Result> refusal(const Script& script, const std::string& path) {
    try {
        check(script);
        settings_of(script, path, 0us);
        return std::nullopt;
    } catch (const NotSupportedError& error) {
        return not_supported(path, error);
    }
}

Result play(const Script& script, const std::string& path, const PlayOptions& options) {
    if (auto refused = refusal(script, path)) {
        return *refused;
    }
    const PlaySettings settings = settings_of(script, path, options.tolerance);
    bool entered = false;
    Sandbox sandbox(
        [&](int pipe) { posix::write_all(pipe, play_inside(script, settings, entered), "report"); },
        [&entered](int pipe, const std::exception& why) {
            const auto* const system = dynamic_cast<const std::system_error*>(&why);
            const std::string report =
                system != nullptr && !entered
                    ? kRefusal + explain_refusal(*system, read_namespace_policy())
                    : kError + std::string(why.what());
            static_cast<void>(write(pipe, report.data(), report.size()));
        });
    const posix::Descriptor pipe = sandbox.take_pipe();
    const std::string report =
        read_report(pipe.get(), options.stop, posix::boot_clock_now() + longest(script));
    if (report.starts_with(kResult)) {
        return packetdrill::parse_result(report.substr(1));
    }
    if (report.starts_with(kRefusal)) {
        throw RefusedError(report.substr(1));
    }
    throw std::runtime_error(path + ": " +
                             (report.empty() ? "the player ended" : report.substr(1)));
}

}  // namespace halfclosed::scenarios
