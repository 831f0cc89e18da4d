#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

struct sd_event;
struct sd_event_source;

namespace halfclosed {

/// The one loop: timers on the boot clock, and signals. Throws std::system_error when systemd's sd_event refuses.
class EventLoop {
 public:
    /// Runs when its time has come, and says how long from now to the next one.
    using Timer = std::function<std::chrono::nanoseconds()>;

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// First called as soon as the loop runs.
    void add_timer(Timer timer);

    /// The signal is blocked for this thread and those that it starts from now on: call it before any thread starts.
    void on_signal(int signal, std::function<void()> handler);

    /// Ends run() with this status; may be called from a timer or handler.
    void stop(int status);

    /// Throws what a timer or handler has thrown.
    int run();

 private:
    struct Unref {
        void operator()(sd_event* event) const;
        void operator()(sd_event_source* source) const;
    };
    struct TimerSlot;
    struct SignalSlot;

    void call(const std::function<void()>& handler);

    std::unique_ptr<sd_event, Unref> event_;
    std::vector<std::unique_ptr<TimerSlot>> timers_;
    std::vector<std::unique_ptr<SignalSlot>> signals_;
    std::exception_ptr error_;
};

}  // namespace halfclosed
