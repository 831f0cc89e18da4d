#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace halfclosed::bench {

/// What one look cost, in milliseconds.
struct Cost {
    double cpu = 0;  ///< user and system together
    double wall = 0;
};

/// One way to look at the sockets.
struct Contender {
    std::string name;
    std::function<Cost()> look;
    std::vector<Cost> costs;

    Cost median() const;
};

/// A look of this process, one thread.
Contender own(const std::string& name, const std::function<void()>& look);

/// A program that is started, and whose output nobody reads. Throws std::runtime_error when it fails.
Contender program(const std::string& name, const std::vector<std::string>& command);

/// A program that is running and is asked by `command`, such as an exporter by curl: what the asking cost its threads,
/// without the asker. Throws std::runtime_error when the command fails.
Contender server(const std::string& name, pid_t process, const std::vector<std::string>& command);

/// Everyone's turn, again and again. Each finds the caches as cold as a poll does that comes once a second: what the
/// one before it has warmed is gone.
void compete(std::vector<Contender>& contenders, unsigned rounds);

}  // namespace halfclosed::bench
