#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "loop/event_loop.h"
#include "posix/line_reader.h"
#include "posix/spawn.h"

namespace halfclosed::control {

/// A child process that tells a trace on its standard output. Standard input is empty, standard error is ours, of the
/// environment it has PATH alone.
class Child {
 public:
    using OnLine = std::function<void(const std::string&)>;
    /// Called once, when the process is reaped and its output, also that of its own children, is at an end.
    using OnEnd = std::function<void(EventLoop::ChildEnd)>;

    /// `command`: the program's path and its arguments. Throws std::system_error if it cannot be started.
    Child(EventLoop& loop, const std::vector<std::string>& command, OnLine on_line, OnEnd on_end);

    /// Ends it by SIGKILL, if it still runs, and reaps it.
    ~Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Asks it to end (SIGTERM), and ends it by SIGKILL if it has not within two seconds.
    void terminate();

 private:
    Child(EventLoop& loop, const std::vector<std::string>& command, OnLine on_line, OnEnd on_end,
          posix::Pipe output);

    /// A process that is ended and reaped with this, if it has not been.
    struct Process {
        explicit Process(pid_t number) : pid(number) {}
        ~Process();
        Process(const Process&) = delete;
        Process& operator=(const Process&) = delete;

        pid_t pid;  ///< 0: it has been reaped
    };

    void read();
    void settle();

    OnLine on_line_;
    OnEnd on_end_;
    Process process_;
    posix::LineReader output_;
    EventLoop::ChildEnd end_;
    EventLoop::EventSource output_waiting_;
    EventLoop::EventSource end_waiting_;
    EventLoop::EventSource patience_;
};

}  // namespace halfclosed::control
