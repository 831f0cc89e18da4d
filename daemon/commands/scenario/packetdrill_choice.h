#pragma once

#include <list>
#include <optional>
#include <string>

#include "scenarios/packetdrill/result.h"
#include "scenarios/packetdrill/script.h"

namespace halfclosed {

/// A script that the command line names.
struct ChosenScript {
    std::string path;
    scenarios::packetdrill::Script script;
    /// Set where it cannot be played: why.
    std::optional<scenarios::packetdrill::Result> refusal;
};

/// The packetdrill scripts that a command line names.
class PacketdrillChoice {
 public:
    /// Reads the file, or every file of the directory and those in it whose name ends in ".pkt". Throws
    /// std::invalid_argument that names the file, and the line with the error.
    void add(const std::string& path);

    bool empty() const { return scripts_.empty(); }
    /// In the order in which they were added, those of a directory by name.
    const std::list<ChosenScript>& scripts() const { return scripts_; }

 private:
    void add_file(const std::string& path);

    std::list<ChosenScript> scripts_;
};

}  // namespace halfclosed
