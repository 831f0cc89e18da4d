#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <vector>

#include "posix/file.h"

struct sd_event;
struct sd_event_source;

namespace halfclosed {

/// The one loop: timers on the boot clock, signals, descriptors and child processes. All of it runs in the thread of
/// run(). Throws std::system_error when systemd's sd_event refuses.
class EventLoop {
    class Source;

 public:
    /// What the loop waits for on somebody's behalf. Once it is destroyed its handler is not called any more; it may be
    /// destroyed by its handler. It must not outlive the loop.
    class EventSource {
     public:
        EventSource();
        EventSource(EventSource&&) noexcept;
        EventSource& operator=(EventSource&&) noexcept;
        ~EventSource();

        explicit operator bool() const;

        /// Of a timer: calls it once, so long from now; anew if it was set before. Nothing happens once the loop
        /// has ended.
        void set(std::chrono::nanoseconds from_now);
        /// Of a timer: not any more.
        void stop();

     private:
        friend class EventLoop;
        explicit EventSource(std::unique_ptr<Source> source);

        std::unique_ptr<Source> source_;
    };

    /// How a child process ended: its exit status, or the signal that ended it.
    struct ChildEnd {
        bool by_signal = false;
        int number = 0;
    };

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// A timer that is not yet set.
    [[nodiscard]] EventSource timer(std::function<void()> handler);

    /// Called while the descriptor has one of the `events` (epoll_ctl(2)), with those that it has.
    [[nodiscard]] EventSource descriptor(int number, std::uint32_t events,
                                         std::function<void(std::uint32_t)> handler);

    /// Called once, when the child has ended; it is reaped then. Another SIGCHLD handler must not be about.
    [[nodiscard]] EventSource child(pid_t pid, std::function<void(ChildEnd)> handler);

    /// Runs when its time has come, and says how long from now to the next one.
    using Timer = std::function<std::chrono::nanoseconds()>;

    /// First called as soon as the loop runs, and until it ends.
    void add_timer(Timer timer);

    /// The signal is blocked for this thread and those that it starts from now on: call it before any thread starts.
    void on_signal(int signal, std::function<void()> handler);
    /// Each of these signals ends the loop as stop(0) does, and goes before everything else that waits. What is said of
    /// on_signal() holds.
    void stop_on(std::initializer_list<int> signals);

    /// Runs the task in the thread of run(), after the handler that runs now; tasks in their order. Thread-safe.
    void post(std::function<void()> task);

    /// Ends run() with this status; may be called from any handler.
    void stop(int status);

    /// Throws what a handler has thrown.
    int run();

 private:
    struct Unref {
        void operator()(sd_event* event) const;
    };

    void add_signal(int signal, std::int64_t priority, std::function<void()> handler);
    void call(const std::function<void()>& handler);
    void run_posted();

    std::unique_ptr<sd_event, Unref> event_;
    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;  ///< under mutex_
    posix::Descriptor posted_any_;               ///< an eventfd
    std::vector<EventSource> kept_;  ///< those that nobody else keeps: timers and signals
    std::exception_ptr error_;
};

}  // namespace halfclosed
