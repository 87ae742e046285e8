// What tests of connections need: a loop that runs one story to its end or fails at a deadline, a
// directory that goes away again, and a certificate of one's own.
#pragma once

#include <writeback/async.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

namespace loopback {

class Directory {
 public:
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "loopback-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(file(name), std::ios::binary) << content;
        return file(name);
    }

 private:
    std::string path_;
};

// A self-signed certificate, which is thereby its own CA: <directory>/<name>.pem and .key. RSA, so
// that it serves for client assertions too.
inline void make_certificate(const Directory& directory, const std::string& name,
                             const std::string& alternative_names) {
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name + " -keyout '" +
        directory.file(name + ".key") + "' -out '" + directory.file(name + ".pem") +
        "' -addext subjectAltName=" + alternative_names + " >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req failed");
}

// Runs the story and whatever it starts on `context` until the story has ended.
inline void run(boost::asio::io_context& context, writeback::Async<void> story,
                std::chrono::seconds deadline = std::chrono::seconds(30)) {
    std::optional<std::exception_ptr> ended;
    boost::asio::co_spawn(context, std::move(story), [&](std::exception_ptr error) {
        ended = error;
        context.stop();
    });
    context.restart();
    context.run_for(deadline);
    if (!ended) throw std::runtime_error("the story did not end within its deadline");
    if (*ended) std::rethrow_exception(*ended);
}

}  // namespace loopback
