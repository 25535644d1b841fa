// Which handler answers which endpoint. The type of the table makes a missing or misspelt one an error.
import type { Api } from '../../aircall/index.ts';
import type { Handler } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import { startAiCall } from './ai-voice.ts';
import { createExport, retrieveExport } from './analytics.ts';
import { retrieveInsight, retrievePlaybookResult, retrieveTranscription } from './conversation.ts';
import {
  addCampaignNumbers,
  createCampaign,
  deleteCampaign,
  deleteCampaignNumber,
  listCampaignNumbers,
  retrieveCampaign,
} from './dialer.ts';
import {
  createConfiguration,
  deleteConfiguration,
  listSmsTemplates,
  listWhatsappTemplates,
  retrieveConfiguration,
  sendGroupMessage,
  sendMessage,
  sendNativeMessage,
  sendNativeWhatsapp,
  sendWhatsapp,
  whatsappStatus,
} from './messages.ts';
import { exchangeCode, retrieveIntegration, switchIntegration } from './partners.ts';
import { listCalls, retrieveCall, searchCalls } from './read-calls.ts';
import { listContacts, retrieveContact, searchContacts } from './read-contacts.ts';
import {
  listAvailabilities,
  listNumbers,
  listTags,
  listTeams,
  listUserNumbers,
  listUsers,
  listWebhooks,
  retrieveAvailability,
  retrieveCompany,
  retrieveNumber,
  retrieveTag,
  retrieveTeam,
  retrieveUser,
  retrieveWebhook,
} from './read-directory.ts';
import { createWebhook, deleteWebhook, updateWebhook } from './webhooks.ts';
import {
  addTagsToCall,
  archiveCall,
  commentOnCall,
  deleteRecording,
  deleteVoicemail,
  pushInsightCard,
  steerRecording,
  transferCall,
  unarchiveCall,
} from './write-calls.ts';
import { addDetail, createContact, deleteContact, deleteDetail, updateContact, updateDetail } from './write-contacts.ts';
import {
  addUserToTeam,
  createTag,
  createTeam,
  createUser,
  deleteTag,
  deleteTeam,
  deleteUser,
  dialForUser,
  registrationStatus,
  removeUserFromTeam,
  startUserCall,
  updateNumber,
  updateTag,
  updateUser,
} from './write-directory.ts';

type Handlers = { readonly [Group in keyof Api]: { readonly [Name in keyof Api[Group]]: Handler } };

const table: Handlers = {
  calls: {
    list: listCalls,
    retrieve: retrieveCall,
    search: searchCalls,
    transfer: transferCall,
    comment: commentOnCall,
    tag: addTagsToCall,
    archive: archiveCall,
    unarchive: unarchiveCall,
    deleteRecording,
    deleteVoicemail,
    pauseRecording: steerRecording,
    resumeRecording: steerRecording,
    pushInsightCard,
  },
  contacts: {
    list: listContacts,
    retrieve: retrieveContact,
    search: searchContacts,
    create: createContact,
    update: updateContact,
    delete: deleteContact,
    addPhoneNumber: addDetail('phoneNumbers'),
    updatePhoneNumber: updateDetail('phoneNumbers'),
    deletePhoneNumber: deleteDetail('phoneNumbers'),
    addEmail: addDetail('emails'),
    updateEmail: updateDetail('emails'),
    deleteEmail: deleteDetail('emails'),
  },
  users: {
    list: listUsers('v2'),
    retrieve: retrieveUser('v2'),
    create: createUser('v2'),
    update: updateUser('v2'),
    numbers: listUserNumbers,
    listV1: listUsers('v1'),
    retrieveV1: retrieveUser('v1'),
    createV1: createUser('v1'),
    updateV1: updateUser('v1'),
    delete: deleteUser,
    availabilities: listAvailabilities,
    availability: retrieveAvailability,
    startCall: startUserCall,
    dial: dialForUser,
  },
  teams: {
    list: listTeams,
    retrieve: retrieveTeam,
    create: createTeam,
    delete: deleteTeam,
    addUser: addUserToTeam,
    removeUser: removeUserFromTeam,
  },
  numbers: { list: listNumbers, retrieve: retrieveNumber, update: updateNumber, registrationStatus },
  tags: { list: listTags, retrieve: retrieveTag, create: createTag, update: updateTag, delete: deleteTag },
  webhooks: { list: listWebhooks, retrieve: retrieveWebhook, create: createWebhook, update: updateWebhook, delete: deleteWebhook },
  company: { retrieve: retrieveCompany },
  conversation: {
    transcription: retrieveTranscription,
    realtimeTranscription: retrieveInsight('realtime'),
    sentiments: retrieveInsight('sentiment'),
    topics: retrieveInsight('topics'),
    summary: retrieveInsight('summary'),
    actionItems: retrieveInsight('actionItems'),
    playbookResult: retrievePlaybookResult,
    customSummaryResult: retrieveInsight('customSummary'),
    evaluations: retrieveInsight('evaluations'),
    predictedCsat: retrieveInsight('csat'),
  },
  dialer: {
    retrieve: retrieveCampaign,
    create: createCampaign,
    delete: deleteCampaign,
    listNumbers: listCampaignNumbers,
    addNumbers: addCampaignNumbers,
    deleteNumber: deleteCampaignNumber,
  },
  messages: {
    createConfiguration,
    retrieveConfiguration,
    deleteConfiguration,
    send: sendMessage,
    sendNative: sendNativeMessage,
    sendGroup: sendGroupMessage,
    sendGroupNative: sendGroupMessage,
    sendWhatsapp,
    sendWhatsappNative: sendNativeWhatsapp,
    listSmsTemplates,
    listWhatsappTemplates,
    whatsappStatus,
  },
  aiVoice: { startCall: startAiCall },
  analytics: { createExport, retrieveExport },
  integrations: { retrieve: retrieveIntegration, enable: switchIntegration(true), disable: switchIntegration(false) },
  oauth: { exchangeCode },
  ping: { check: () => jsonAnswer(200, '{"ping":"pong"}') },
};

/** By endpoint id. */
export const handlers: ReadonlyMap<string, Handler> = new Map(
  Object.entries(table).flatMap(([group, members]) =>
    Object.entries<Handler>(members).map(([name, handler]): [string, Handler] => [`${group}.${name}`, handler]),
  ),
);
