"""Where everything in the workspace is."""

from django.urls import path

from geoparticipation import workspace, workspace_boundaries, workspace_councils
from geoparticipation import workspace_registers as registers
from geoparticipation.budgets import views_projects as budget_projects
from geoparticipation.budgets import views_workspace as budgets
from geoparticipation.consultations import views_workspace as consultations
from geoparticipation.contributions import views_exports as exports
from geoparticipation.contributions import views_paper as paper
from geoparticipation.councils import views_workspace as councils
from geoparticipation.followup import views as followup
from geoparticipation.followup import views_measures_workspace as measures
from geoparticipation.mailings import views_corrections as corrections
from geoparticipation.mailings import views_flyers as flyers
from geoparticipation.mailings import views_mailings as mailing_pages
from geoparticipation.mailings import views_response as response
from geoparticipation.mailings import views_rounds as rounds
from geoparticipation.mailings import views_workspace as mailings
from geoparticipation.meetings import views_workshop_desk as workshops
from geoparticipation.meetings import views_workspace as meetings
from geoparticipation.moderation import views as moderation
from geoparticipation.scenarios import views_workspace as plans
from geoparticipation.surveys import views_editor as survey_editor
from geoparticipation.surveys import views_moderation as survey_moderation
from geoparticipation.surveys import views_paper as survey_paper
from geoparticipation.surveys import views_preview as survey_preview
from geoparticipation.surveys import views_results as survey_results
from geoparticipation.surveys import views_workspace as surveys
from geoparticipation.volunteering import views_workspace as volunteering

urlpatterns = [
    path("responses/<uuid:code>/", survey_moderation.response, name="workspace-response"),
    path("", workspace.home, name="workspace"),
    path("consultations/", consultations.consultation_list, name="workspace-consultations"),
    path("consultations/new/", consultations.consultation_new, name="workspace-consultation-new"),
    path("consultations/<slug:slug>/", consultations.consultation_edit, name="workspace-consultation"),
    path("consultations/<slug:slug>/state/", consultations.change_state, name="workspace-consultation-state"),
    path("budgets/", budgets.budget_list, name="workspace-budgets"),
    path("budgets/<slug:slug>/", budgets.budget_edit, name="workspace-budget"),
    path("budgets/<slug:slug>/projects/", budget_projects.project_list, name="workspace-budget-projects"),
    path("budgets/<slug:slug>/projects/new/", budget_projects.project_new, name="workspace-budget-project-new"),
    path("budgets/<slug:slug>/projects/<uuid:code>/", budget_projects.project_decide, name="workspace-budget-project"),
    path("budgets/<slug:slug>/paper/", budgets.paper_ballots, name="workspace-budget-paper"),
    path("budgets/<slug:slug>/count/", budgets.count, name="workspace-budget-count"),
    path("targets/", mailings.target_list, name="workspace-targets"),
    path("targets/new/", mailings.target_new, name="workspace-target-new"),
    path("targets/<int:pk>/", mailings.target_detail, name="workspace-target"),
    path("targets/<int:pk>/mailing-list/", mailings.mailing_list, name="workspace-mailing-list"),
    path("mailings/", mailing_pages.mailings, name="workspace-mailings"),
    path("mailings/new/", mailing_pages.mailing_new, name="workspace-mailing-new"),
    path("mailings/orders/<int:pk>/", mailing_pages.mailing_order, name="workspace-mailing-order"),
    path("mailings/<int:pk>/", mailing_pages.mailing, name="workspace-mailing"),
    path("mailings/paper/", paper.paper, name="workspace-paper"),
    path("mailings/<int:pk>/flyers/", flyers.flyers, name="workspace-mailing-flyers"),
    path("mailings/<int:pk>/flyers/preview/", flyers.preview, name="workspace-flyers-preview"),
    path("mailings/<int:pk>/flyers/sheet/", flyers.sheet, name="workspace-flyers-sheet"),
    path("mailings/<int:pk>/flyers/postage/", flyers.postage, name="workspace-flyers-postage"),
    path("mailings/<int:pk>/flyers/write/", flyers.write, name="workspace-flyers-write"),
    path("mailings/<int:pk>/flyers/<uuid:code>.pdf", flyers.file, name="workspace-flyers-file"),
    path("mailings/<int:pk>/response/", response.response, name="workspace-mailing-response"),
    path("mailings/<int:pk>/rounds/", rounds.rounds, name="workspace-mailing-rounds"),
    path("mailings/<int:pk>/rounds/<int:number>.<str:ending>", rounds.round_file, name="workspace-round-file"),
    path("mailings/<int:pk>/rounds/<int:number>/link/", rounds.round_link, name="workspace-round-link"),
    path("mailings/<int:pk>/rounds/<int:number>/delivered/", rounds.round_delivered, name="workspace-round-delivered"),
    path("mailings/<int:pk>/corrections/", corrections.corrections, name="workspace-mailing-corrections"),
    path("registers/", registers.register_list, name="workspace-registers"),
    path("registers/new/", registers.register_new, name="workspace-register-new"),
    path("registers/<int:pk>/", registers.register_detail, name="workspace-register"),
    path("registers/<int:pk>/columns/", registers.register_columns, name="workspace-register-columns"),
    path("registers/<int:pk>/check/", registers.register_check, name="workspace-register-check"),
    path("registers/<int:pk>/load/", registers.register_load, name="workspace-register-load"),
    path("registers/<int:pk>/cancel/", registers.register_cancel, name="workspace-register-cancel"),
    path("registers/<int:pk>/refused.csv", registers.register_refused, name="workspace-register-refused"),
    path("surveys/", surveys.survey_list, name="workspace-surveys"),
    path("surveys/new/", surveys.survey_new, name="workspace-survey-new"),
    path("surveys/<slug:slug>/", survey_editor.editor, name="workspace-survey"),
    path("surveys/<slug:slug>/act/", survey_editor.act, name="workspace-survey-act"),
    path("surveys/<slug:slug>/preview/", survey_preview.preview, name="workspace-survey-preview"),
    path("surveys/<slug:slug>/texts/", survey_editor.texts, name="workspace-survey-texts"),
    path("surveys/<slug:slug>/sections/<str:key>/", survey_editor.section, name="workspace-survey-section"),
    path("surveys/<slug:slug>/questions/<path:path>/", survey_editor.question, name="workspace-survey-question"),
    path("surveys/<slug:slug>/settings/", surveys.survey_settings, name="workspace-survey-settings"),
    path("surveys/<slug:slug>/state/", surveys.survey_state, name="workspace-survey-state"),
    path("surveys/<slug:slug>/copy/", surveys.survey_copy, name="workspace-survey-copy"),
    path("surveys/<slug:slug>/remove/", surveys.survey_remove, name="workspace-survey-remove"),
    path("surveys/<slug:slug>/imported/", surveys.survey_imported, name="workspace-survey-imported"),
    path("surveys/<slug:slug>/survey.json", surveys.survey_file, name="workspace-survey-file"),
    path("surveys/<slug:slug>/paper/", survey_paper.survey_paper, name="workspace-survey-paper"),
    path("surveys/<slug:slug>/paper/form.pdf", survey_paper.survey_paper_form, name="workspace-survey-paper-form"),
    path("queue/", moderation.queue, name="workspace-queue"),
    path("queue/<uuid:code>/", moderation.decide, name="workspace-decide"),
    path("queue/<uuid:code>/photos/<uuid:photo>/", moderation.take_photo_off, name="workspace-photo-off"),
    path("meetings/", meetings.meeting_list, name="workspace-meetings"),
    path("meetings/new/", meetings.meeting_new, name="workspace-meeting-new"),
    path("meetings/<uuid:code>/", meetings.meeting_edit, name="workspace-meeting"),
    path("meetings/<uuid:code>/workshop/", workshops.desk, name="workspace-workshop"),
    path("councils/", councils.council_list, name="workspace-councils"),
    path("councils/new/", councils.council_new, name="workspace-council-new"),
    path("councils/<slug:slug>/", councils.council_work, name="workspace-council"),
    path("councils/<slug:slug>/target/", workspace_councils.council_target, name="workspace-council-target"),
    path(
        "councils/<slug:slug>/target/preview/",
        workspace_councils.council_target_preview,
        name="workspace-council-target-preview",
    ),
    path(
        "councils/<slug:slug>/consultations/new/",
        councils.council_consultation_new,
        name="workspace-council-consultation-new",
    ),
    path(
        "councils/<slug:slug>/consultations/<slug:consultation>/",
        councils.council_consultation,
        name="workspace-council-consultation",
    ),
    path("plans/", plans.plan_list, name="workspace-plans"),
    path("plans/new/", plans.plan_new, name="workspace-plan-new"),
    path("plans/<uuid:code>/", plans.plan_edit, name="workspace-plan"),
    path("plans/<uuid:code>/results.csv", plans.exact_results, name="workspace-plan-results"),
    path("plans/variants/<uuid:code>/", plans.variant_edit, name="workspace-variant"),
    path("plans/places/<uuid:code>/", plans.place_edit, name="workspace-plan-place"),
    path("follow-up/", followup.cases, name="workspace-cases"),
    path("follow-up/commitment/", followup.commitment, name="workspace-commitment"),
    path("follow-up/college/<int:pk>/", followup.agenda, name="workspace-agenda"),
    path("follow-up/measures/", measures.measure_list, name="workspace-measures"),
    path("follow-up/<uuid:code>/", followup.case, name="workspace-case"),
    path("follow-up/<uuid:code>/measure/", measures.measure_edit, name="workspace-measure"),
    path("exports/", exports.workspace_exports, name="workspace-exports"),
    path("surveys/<slug:slug>/results/", survey_results.agent_results, name="workspace-survey-results"),
    path("surveys/<slug:slug>/results/<str:key>/", survey_results.answers_in_words, name="workspace-survey-answers"),
    path("surveys/<slug:slug>/release/", survey_results.release_again, name="workspace-survey-release"),
    path(
        "surveys/<slug:slug>/responses.<str:file_format>",
        survey_results.export_responses,
        name="workspace-survey-export",
    ),
    path("volunteering/", volunteering.overview, name="workspace-volunteering"),
    path("volunteering/skills/", volunteering.skills, name="workspace-skills"),
    path("volunteering/<slug:slug>/check/", volunteering.check, name="workspace-association-check"),
    path("boundaries/", workspace_boundaries.release_list, name="workspace-boundaries"),
    path("boundaries/<int:pk>/", workspace_boundaries.release, name="workspace-boundary-release"),
    path("downloads/", mailings.download_list, name="workspace-downloads"),
]
