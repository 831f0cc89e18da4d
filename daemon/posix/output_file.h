#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace halfclosed::posix {

/// Whoever was to read the output has gone: there is nobody left to tell about it.
class ReaderGoneError : public std::system_error {
 public:
    explicit ReaderGoneError(const std::string& path);
};

/// Whether somebody still reads from this pipe or socket; true for any other file.
bool has_reader(int descriptor);

/// A file that a person named for output.
///
/// A plain file, and a name that is not taken, are replaced as a whole: what is written goes to a hidden file in the same
/// directory, which takes the name on publish(). Links are followed; an old file's mode stays. Anything else that bears
/// the name (a device, a pipe, "-" or /dev/stdout for standard output, /dev/fd/N) is written through and never replaced.
class OutputFile {
 public:
    struct Options {
        mode_t mode = 0666;  ///< of a new file, before the umask
        /// The hidden file is always PATH.new, so that what a kill leaves behind is overwritten; for a directory that
        /// one program has to itself.
        bool fixed_name = false;
    };

    /// Throws std::system_error that names the file.
    explicit OutputFile(const std::string& path) : OutputFile(path, Options{}) {}
    OutputFile(const std::string& path, const Options& options);

    /// What was not published is gone, and the old file is as it was.
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    std::FILE* stream() const { return stream_; }
    int descriptor() const { return fileno(stream_); }

    /// Throws std::system_error that names the file, ReaderGoneError if that is the reason.
    void write(std::string_view text);

    /// Sees that everything is written, on the disk if it is a plain file, and lets the file have its name. What is
    /// written after that is appended to it. Throws as write().
    void publish();

 private:
    void open_through(const std::string& path);
    void open_hidden(const std::string& target, const Options& options);
    [[noreturn]] void fail() const;

    std::string path_;    ///< as it was named
    std::string target_;  ///< links followed; empty if it is written through
    std::string hidden_;  ///< empty once published
    std::FILE* stream_ = nullptr;
};

/// Throws std::system_error as OutputFile would for a path that cannot be written to; makes and changes nothing.
void check_writable(const std::string& path);

}  // namespace halfclosed::posix
