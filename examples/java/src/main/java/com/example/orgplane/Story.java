package com.example.orgplane;

import com.example.gitpod.v1.CreateSCIMConfigurationRequest;
import com.example.gitpod.v1.CreateSSOConfigurationRequest;
import com.example.gitpod.v1.DeleteSCIMConfigurationRequest;
import com.example.gitpod.v1.DeleteSSOConfigurationRequest;
import com.example.gitpod.v1.GetAuthenticatedIdentityRequest;
import com.example.gitpod.v1.IdentityServiceGrpc;
import com.example.gitpod.v1.ListSCIMConfigurationsRequest;
import com.example.gitpod.v1.OrganizationServiceGrpc;
import com.example.gitpod.v1.OrganizationServiceGrpc.OrganizationServiceBlockingStub;
import com.example.gitpod.v1.PaginationRequest;
import com.example.gitpod.v1.ResourceType;
import com.example.gitpod.v1.UpdateSCIMConfigurationRequest;
import com.example.orgplane.v1.Event;
import com.example.orgplane.v1.EventFilter;
import com.example.orgplane.v1.EventServiceGrpc;
import com.example.orgplane.v1.FieldChange;
import com.example.orgplane.v1.WatchEventsRequest;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.CallCredentials;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Calls Orgplane over gRPC: signs in, sets up SSO and SCIM, changes, watches, lists and cleans up again. Reads
 * ORGPLANE_URL and ORGPLANE_TOKEN.
 */
public final class Story {
  private final Channel channel;
  private final CallCredentials token;
  private final OrganizationServiceBlockingStub organizations;

  private Story(Channel channel, CallCredentials token) {
    this.channel = channel;
    this.token = token;
    this.organizations = OrganizationServiceGrpc.newBlockingStub(channel).withCallCredentials(token);
  }

  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(System.getenv().getOrDefault("ORGPLANE_URL", "http://127.0.0.1:8080"));
    boolean secure = "https".equals(url.getScheme());
    ManagedChannel channel =
        Grpc.newChannelBuilder(
                url.getAuthority(),
                secure ? TlsChannelCredentials.create() : InsecureChannelCredentials.create())
            .build();
    try {
      new Story(channel, new Bearer(System.getenv("ORGPLANE_TOKEN"))).tell();
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private void tell() throws Exception {
    var who =
        IdentityServiceGrpc.newBlockingStub(channel)
            .withCallCredentials(token)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .getAuthenticatedIdentity(GetAuthenticatedIdentityRequest.getDefaultInstance());
    String organizationId = who.getOrganizationId();
    System.out.printf(
        "signed in as user %s of organization %s%n", who.getSubject().getId(), organizationId);

    var sso =
        organizations
            .createSSOConfiguration(
                CreateSSOConfigurationRequest.newBuilder()
                    .setOrganizationId(organizationId)
                    .setClientId("example")
                    .setClientSecret("example-secret")
                    .setIssuerUrl("https://idp.example.com")
                    .setDisplayName("Example")
                    .build())
            .getSsoConfiguration();
    System.out.printf("created SSO configuration %s%n", sso.getId());

    List<String> ids = new ArrayList<>();
    try {
      for (String name : List.of("Okta", "Entra", "OneLogin")) {
        var made =
            organizations.createSCIMConfiguration(
                CreateSCIMConfigurationRequest.newBuilder()
                    .setOrganizationId(organizationId)
                    .setSsoConfigurationId(sso.getId())
                    .setName(name)
                    .build());
        // made.getToken() is shown this once: it goes to the identity provider.
        ids.add(made.getScimConfiguration().getId());
        System.out.printf(
            "created SCIM configuration %s \"%s\"%n", made.getScimConfiguration().getId(), name);
      }
      changeAndWatch(ids.get(0));
      list();
      refuse();
    } finally {
      for (String id : ids) {
        organizations.deleteSCIMConfiguration(
            DeleteSCIMConfigurationRequest.newBuilder().setScimConfigurationId(id).build());
      }
      organizations.deleteSSOConfiguration(
          DeleteSSOConfigurationRequest.newBuilder().setSsoConfigurationId(sso.getId()).build());
    }
  }

  private void changeAndWatch(String id) throws Exception {
    var filter =
        EventFilter.newBuilder().addResourceTypes(ResourceType.RESOURCE_TYPE_SCIM_CONFIGURATION);
    // Leaving the context ends the stream.
    try (var watching = Context.current().withCancellation()) {
      Event event =
          watching.call(
              () -> {
                var stream =
                    EventServiceGrpc.newBlockingStub(channel)
                        .withCallCredentials(token)
                        .watchEvents(WatchEventsRequest.newBuilder().setFilter(filter).build());
                // The first message says that the watch has begun: nothing after it is missed.
                stream.next();
                update(id);
                while (true) {
                  var response = stream.next();
                  if (response.hasEvent()) { // not a heartbeat
                    return response.getEvent();
                  }
                }
              });
      System.out.printf(
          "event: %s %s of %s changes %s%n",
          event.getOperation(),
          event.getResourceType(),
          event.getResourceId(),
          event.getChangesList().stream()
              .map(FieldChange::getField)
              .collect(Collectors.joining(" ")));
    }
  }

  private void update(String id) {
    // What is not set stays as it is.
    var updated =
        organizations
            .updateSCIMConfiguration(
                UpdateSCIMConfigurationRequest.newBuilder()
                    .setScimConfigurationId(id)
                    .setName("Okta, paused")
                    .setEnabled(false)
                    .build())
            .getScimConfiguration();
    System.out.printf(
        "updated it: name \"%s\", enabled %s%n", updated.getName(), updated.getEnabled());
  }

  private void list() {
    int pages = 0;
    int found = 0;
    String next = "";
    do {
      var page =
          organizations.listSCIMConfigurations(
              ListSCIMConfigurationsRequest.newBuilder()
                  .setPagination(PaginationRequest.newBuilder().setPageSize(2).setToken(next))
                  .build());
      pages += 1;
      found += page.getScimConfigurationsCount();
      next = page.getPagination().getNextToken();
    } while (!next.isEmpty());
    System.out.printf("listed %d SCIM configurations on %d pages%n", found, pages);
  }

  private void refuse() throws InvalidProtocolBufferException {
    try {
      organizations.updateSCIMConfiguration(
          UpdateSCIMConfigurationRequest.newBuilder().setScimConfigurationId("not-a-uuid").build());
    } catch (StatusRuntimeException error) {
      explain(error);
    }
  }

  /** Prints what an error says: its code, the stable reason, and every field that is wrong. */
  private static void explain(StatusRuntimeException error) throws InvalidProtocolBufferException {
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        System.out.printf(
            "refused: %s, reason %s%n",
            error.getStatus().getCode(), detail.unpack(ErrorInfo.class).getReason());
      } else if (detail.is(BadRequest.class)) {
        for (var violation : detail.unpack(BadRequest.class).getFieldViolationsList()) {
          System.out.printf("  %s: %s%n", violation.getField(), violation.getDescription());
        }
      }
    }
  }

  /** A token, sent with every call. */
  private static final class Bearer extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private final String token;

    Bearer(String token) {
      this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, "Bearer " + token);
      applier.apply(headers);
    }
  }
}
