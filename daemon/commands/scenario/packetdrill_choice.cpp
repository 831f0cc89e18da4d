#include "commands/scenario/packetdrill_choice.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "posix/error.h"
#include "posix/file.h"
#include "scenarios/packetdrill/script_parser.h"
#include "scenarios/player/play.h"

namespace halfclosed {

namespace {

using scenarios::packetdrill::NotSupportedError;
using scenarios::packetdrill::Outcome;
using scenarios::packetdrill::Result;
using scenarios::packetdrill::ScriptError;

/// The scripts in a directory and below it. Throws std::filesystem::filesystem_error.
std::vector<std::string> scripts_in(const std::string& directory) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() == ".pkt") {
            paths.push_back(entry.path().string());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

void PacketdrillChoice::add(const std::string& path) {
    std::error_code unknown;
    if (!std::filesystem::is_directory(path, unknown)) {
        add_file(path);
        return;
    }
    std::vector<std::string> paths;
    try {
        paths = scripts_in(path);
    } catch (const std::filesystem::filesystem_error& error) {
        throw std::invalid_argument(path + ": " + error.code().message());
    }
    if (paths.empty()) {
        throw std::invalid_argument(path + ": no script, *.pkt, in this directory");
    }
    for (const std::string& script : paths) {
        add_file(script);
    }
}

void PacketdrillChoice::add_file(const std::string& path) {
    ChosenScript chosen{path, {}, std::nullopt};
    try {
        chosen.script = scenarios::packetdrill::parse_script(posix::read_file(path), path);
        if (chosen.script.events.empty()) {
            throw std::invalid_argument(path + ": a script without events");
        }
        chosen.refusal = scenarios::refusal(chosen.script, path);
    } catch (const NotSupportedError& error) {
        chosen.refusal =
            Result{path, Outcome::not_supported, error.line(), error.what(), {}, {}, {}};
    } catch (const ScriptError& error) {
        throw std::invalid_argument(error.what());
    } catch (const posix::Error& error) {
        throw std::invalid_argument(error.what());
    }
    scripts_.push_back(std::move(chosen));
}

}  // namespace halfclosed
